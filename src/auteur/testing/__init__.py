"""What a package needs to try its own parts against auteur's contracts. Needs no test framework."""
