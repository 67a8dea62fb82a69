package ccopilot.check

# A script is text in which a credential is assigned, so the shape of lines decides, not the entropy of the whole.
# What is read from elsewhere (a substitution, an interpolation) is not a credential.

texts contains {"path": "user_data", "text": input.resource.values.user_data} if is_string(input.resource.values.user_data)

texts contains {"path": name, "text": decoded} if {
	some name in ["user_data", "user_data_base64"]
	value := input.resource.values[name]
	is_string(value)
	regex.match(`^[A-Za-z0-9+/\s]{16,}={0,2}\s*$`, value)
	compact := regex.replace(value, `\s`, "")
	base64.is_valid(compact)
	decoded := base64.decode(compact)
}

shapes := {
	`(^|[^A-Za-z0-9])(AKIA|ASIA)[A-Z0-9]{16}([^A-Za-z0-9]|$)`: "an AWS access key id",
	`(?i)aws_?secret_?access_?key\s*[:=]\s*[\\"']*[A-Za-z0-9/+_]{12,}`: "an AWS secret access key",
	`-----BEGIN ([A-Z]+ )*PRIVATE KEY( BLOCK)?-----`: "a private key",
	`(^|[^A-Za-z0-9])(ghp|gho|ghs|ghr)_[A-Za-z0-9]{36}`: "a GitHub token",
	`(^|[^A-Za-z0-9])xox[abps]-[A-Za-z0-9-]{10,}`: "a Slack token",
	`(?i)[a-z0-9_]*(password|passwd|passphrase)\s*=\s*[\\"']*[^\s\\"'$<>{}%*]{6,}`: "a password",
}

deny contains {"path": found.path, "message": sprintf("%s holds what looks like %s", [found.path, what])} if {
	some found in texts
	some shape, what in shapes
	regex.match(shape, found.text)
}

undecided contains {"path": name, "message": "the script is not known"} if {
	some name in ["user_data", "user_data_base64"]
	value := input.resource.values[name]
	is_object(value)
	not texts_of(name)
}

texts_of(name) if {
	some found in texts
	found.path == name
}
