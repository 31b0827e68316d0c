"""The page frame all doors share: who is asking, menus, fragments, error pages, the design system."""
