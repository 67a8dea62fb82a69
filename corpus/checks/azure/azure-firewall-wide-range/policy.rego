package ccopilot.check

# Private networks are wide by nature; what is counted is the public internet.

first_name := name if {
	some name in ["start_ip_address", "start_ip"]
	input.resource.values[name]
}

last_name := name if {
	some name in ["end_ip_address", "end_ip"]
	input.resource.values[name]
}

number(text) := n if {
	is_string(text)
	regex.match(`^[0-9]{1,3}(\.[0-9]{1,3}){3}$`, text)
	parts := [to_number(part) | some part in split(text, ".")]
	n := (((parts[0] * 16777216) + (parts[1] * 65536)) + (parts[2] * 256)) + parts[3]
}

private_ranges := [[167772160, 184549375], [2886729728, 2887778303], [3232235520, 3232301055]]

private(first, last) if {
	some range in private_ranges
	first >= range[0]
	last <= range[1]
}

deny contains {"path": last_name, "message": sprintf("%d addresses are admitted", [(last - first) + 1])} if {
	first := number(input.resource.values[first_name])
	last := number(input.resource.values[last_name])
	last - first >= 256
	not private(first, last)
}

undecided contains {"path": name, "message": "the range is not known"} if {
	some name in [first_name, last_name]
	not number(input.resource.values[name])
}
