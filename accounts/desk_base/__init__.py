"""What the desk's pages of all apps are built on: rows that someone reaches, the audit log, and very long lists."""
