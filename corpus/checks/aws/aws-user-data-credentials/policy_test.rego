package ccopilot.check

test_a_key_in_a_script_is_denied if {
	count(deny) > 0 with input as {"resource": {"values": {"user_data": "export AWS_SECRET_ACCESS_KEY=k9Xv2Lq8Zt5Rw1Yb7Nc4Jd6Hf3Gs0Pa8MuEoTiQx\n"}}}
}

test_a_key_in_an_encoded_script_is_denied if {
	count(deny) > 0 with input as {"resource": {"values": {"user_data_base64": "LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVktLS0tLQo="}}}
}

test_a_password_that_is_read_from_elsewhere_is_allowed if {
	count(deny) == 0 with input as {"resource": {"values": {"user_data": "export PASSWORD=$(aws ssm get-parameter --name /db)\n"}}}
}

test_a_script_that_is_not_known_is_undecided if {
	count(undecided) == 1 with input as {"resource": {"values": {"user_data": {"$unknown": "variable without default"}}}}
}
