
tag@(v, mask, how) := known_after(how) if {
	mask == true
} else := {"k": "unknown", "reason": "the plan does not say"} if {
	mask == "unsure"
	is_null(v)
} else := {"k": "null"} if {
	is_null(v)
} else := object.union({"k": "map", "open": open_under(mask), "single": single(how, v), "items": items}, marks(how)) if {
	is_object(v)
	items := {key: tag+(object.get(v, [key], null), mask_at(v, mask, key), member_of(how, key, v)) |
		some key in keys_of(v, mask, how)
	}
} else := object.union({"k": "list", "open": false, "kind": list_kind(v, how), "items": items}, marks(how)) if {
	is_array(v)
	each := item_of(counted(how, count(v)), v)
	items := [object.remove(tag+(item, inner(mask, at), each), ["single"]) | some at, item in v]
} else := object.union(scalar(v, how), {"opened": object.remove(opened, ["single"])}) if {
	is_string(v)
	regex.match(`^\s*[\[{]`, v)
	json.is_valid(v)
	opened := tag+(json.unmarshal(v), false, text_in(how))
} else := scalar(v, how)
