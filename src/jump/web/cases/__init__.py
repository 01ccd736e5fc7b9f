"""Cases: a community's (or a loan's) road step by step, what each step asks for, and the forms that wait for a look."""
