package ccopilot.check

test_a_key_in_a_script_is_denied if {
	count(deny) > 0 with input as {"resource": {"values": {"user_data": "export AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n"}}}
}

test_a_key_in_an_encoded_script_is_denied if {
	count(deny) > 0 with input as {"resource": {"values": {"user_data_base64": "LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVktLS0tLQo="}}}
}

test_a_password_that_is_read_from_elsewhere_is_allowed if {
	count(deny) == 0 with input as {"resource": {"values": {"user_data": "export PASSWORD=$(aws ssm get-parameter --name /db)\n"}}}
}

test_a_key_beside_what_is_inserted_is_denied if {
	count(deny) > 0 with input as {"resource": {"values": {"user_data": {"$template": ["export REGION=", {"$ref": "data.aws_region.here.name"}, "\nexport AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE\n"]}}}}
}

test_an_inserted_region_is_allowed if {
	count(deny) + count(undecided) == 0 with input as {"resource": {"values": {"user_data": {"$template": ["export REGION=", {"$ref": "data.aws_region.here.name"}, "\n"]}}}}
}

test_an_inserted_password_is_undecided if {
	count(undecided) == 1 with input as {"resource": {"values": {"user_data": {"$template": ["export PASSWORD=", {"$unknown": "variable without default"}, "\n"]}}}}
}

test_a_script_that_is_not_known_is_undecided if {
	count(undecided) == 1 with input as {"resource": {"values": {"user_data": {"$unknown": "variable without default"}}}}
}
