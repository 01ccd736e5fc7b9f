"""Money: funds, loans and grants, the budget, and the books behind them."""
