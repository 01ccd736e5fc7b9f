"""What was seen or said: forms, submissions, dossiers, registers, samples and checks by another person."""
