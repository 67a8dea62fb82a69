package ccopilot.check

# A script is text in which a credential is assigned, so the shape of lines decides, not the entropy of the whole.
# What is read from elsewhere (a substitution, an interpolation) is not a credential.

texts contains {"path": name, "text": value} if {
	some name in ["user_data", "user_data_base64"]
	value := input.resource.values[name]
	is_string(value)
}

# In a template, `${}` stands for what is inserted.
texts contains {"path": name, "text": text} if {
	some name in ["user_data", "user_data_base64"]
	value := input.resource.values[name]
	is_object(value)
	parts := value["$template"]
	text := concat("", [piece | some part in parts; piece := shown(part)])
}

shown(part) := part if is_string(part)

shown(part) := "${}" if not is_string(part)

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

undecided contains {"path": found.path, "message": "what is inserted as a credential is not known"} if {
	some found in texts
	regex.match(`(?i)(password|passwd|passphrase|secret_?access_?key)\s*=\s*[\\"']*\$\{\}`, found.text)
}

texts_of(name) if {
	some found in texts
	found.path == name
}
