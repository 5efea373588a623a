"""What may be concluded from silence: counts, lateness, the certificate, status, the watchdog."""
