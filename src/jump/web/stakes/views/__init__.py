"""The pages of ownership."""
