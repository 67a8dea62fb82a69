package ccopilot.check

test_a_wide_range_is_denied if {
	count(deny) == 1 with input as {"resource": {"values": {"start_ip": "1.2.3.4", "end_ip": "2.3.4.5"}}}
}

test_a_range_of_256_addresses_is_allowed if {
	count(deny) == 0 with input as {"resource": {"values": {"start_ip_address": "198.51.100.0", "end_ip_address": "198.51.100.255"}}}
}

test_one_address_more_is_denied if {
	count(deny) == 1 with input as {"resource": {"values": {"start_ip_address": "198.51.100.0", "end_ip_address": "198.51.101.0"}}}
}

test_a_private_network_is_allowed if {
	count(deny) == 0 with input as {"resource": {"values": {"start_ip": "10.0.0.0", "end_ip": "10.255.255.255"}}}
}

test_an_end_that_is_not_known_is_undecided if {
	count(undecided) == 1 with input as {"resource": {"values": {"start_ip": "10.0.0.0", "end_ip": {"$unknown": "variable without default"}}}}
}
