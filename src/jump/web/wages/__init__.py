"""Work for clients: contracts, muster rolls, wage sheets and invoices."""
