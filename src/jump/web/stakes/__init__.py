"""Who owns the enterprises: registers of shares, capital accounts, trusts, development funds, pledges."""
