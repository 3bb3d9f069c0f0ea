"""The editorial department: boards, cuts and hand-overs of takes that others have made. It generates nothing."""

ENGINE = "editorial"
