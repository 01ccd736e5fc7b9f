"""Changes to posts, job spells and their proof. One verb each, one transaction each."""
