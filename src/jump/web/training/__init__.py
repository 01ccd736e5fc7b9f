"""Training: courses and their days, who came, certificates, materials."""
