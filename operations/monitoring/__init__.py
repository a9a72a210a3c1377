"""What whoever watches a site asks: probes, metrics, and whether the audit log holds."""
