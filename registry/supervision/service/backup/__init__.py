"""Backups: made from one moment, sealed, checked before anything is replaced, atomic when brought back."""

from registry.supervision.service.backup.manifest import BackupRefused, Manifest
from registry.supervision.service.backup.work import create_backup, restore_backup, verify_backup

__all__ = ["BackupRefused", "Manifest", "create_backup", "restore_backup", "verify_backup"]
