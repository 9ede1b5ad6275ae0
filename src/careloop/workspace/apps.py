from django.apps import AppConfig


class WorkspaceConfig(AppConfig):
    name = "careloop.workspace"
    label = "workspace"
