"""The field app: an installable page that works without a network, the data that it takes along, and the way back."""
