"""Addresses of the shell: signing in, choices, errors, health."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from wangge.doors.shell import choices, health, sign_in, style_guide

app_name = "shell"

urlpatterns = [
    path("home", sign_in.home, name="home"),
    path("login", sign_in.SignIn.as_view(), name="login"),
    path("logout", LogoutView.as_view(), name="logout"),
    path("posts", sign_in.posts, name="posts"),
    path("password", sign_in.password, name="password"),
    path("stay", sign_in.stay, name="stay"),
    path("language", choices.language, name="language"),
    path("elder", choices.elder_mode, name="elder"),
    path("style-guide", style_guide.page, name="style_guide"),
    path("style-guide/grids", style_guide.grids, name="style_guide_grids"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
