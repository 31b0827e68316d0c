"""Who is logged in, and nothing more: no posts, no phone, no profile."""
