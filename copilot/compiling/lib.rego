# What compiled checks share: reading paths of tagged values, and operators in Kleene's three values ("t", "f", "u").
# No rule recurses. Every function that a check calls is total: what it cannot tell is "u", never missing.
package ccopilot.lib

import rego.v1

both(truths) := "f" if {
	"f" in truths
} else := "u" if {
	"u" in truths
} else := "t"

either(truths) := "t" if {
	"t" in truths
} else := "u" if {
	"u" in truths
} else := "f"

opposite("t") := "f"

opposite("f") := "t"

opposite("u") := "u"

signed(true, truth) := truth

signed(false, truth) := opposite(truth)

# --- input: the export, or a plan ---

is_plan if input.planned_values

resources := planned if {
	is_plan
} else := input.resources

closed if is_plan

closed if input.closed == true

planned := [resource |
	walk(input.planned_values.root_module, [path, raw])
	count(path) >= 2
	path[count(path) - 2] == "resources"
	is_object(raw)
	resource := {
		"address": raw.address, "type": raw.type, "name": raw.name, "mode": raw.mode,
		"body": tag0(object.get(raw, "values", {}), unknowns(raw.address)), "conditional": false,
		"nulls_absent": true, "ignored": [], "$facts": {},
	}
]

unknowns(address) := found if {
	given := [u |
		some change in object.get(input, "resource_changes", [])
		change.address == address
		u := object.get(object.get(change, "change", {}), "after_unknown", {})
	]
	count(given) > 0
	found := given[0]
} else := {}

tag0(v, u) := {"k": "unknown", "reason": "known after apply"} if {
	u == true
} else := {"k": "null"} if {
	is_null(v)
} else := {"k": "map", "open": false, "items": items} if {
	is_object(v)
	keys := object.keys(v) | {key | is_object(u); some key, hidden in u; hidden == true}
	items := {key: tag1(object.get(v, [key], null), inner(u, key)) | some key in keys}
} else := {"k": "list", "open": false, "kind": kind, "items": items} if {
	is_array(v)
	kind := block_kind(v)
	items := [tag1(item, inner(u, at)) | some at, item in v]
} else := {"k": "known", "v": v, "s": v, "opened": opened} if {
	is_string(v)
	regex.match(`^\s*[\[{]`, v)
	json.is_valid(v)
	opened := tag1(json.unmarshal(v), false)
} else := scalar(v)

tag1(v, u) := {"k": "unknown", "reason": "known after apply"} if {
	u == true
} else := {"k": "null"} if {
	is_null(v)
} else := {"k": "map", "open": false, "items": items} if {
	is_object(v)
	keys := object.keys(v) | {key | is_object(u); some key, hidden in u; hidden == true}
	items := {key: tag2(object.get(v, [key], null), inner(u, key)) | some key in keys}
} else := {"k": "list", "open": false, "kind": kind, "items": items} if {
	is_array(v)
	kind := block_kind(v)
	items := [tag2(item, inner(u, at)) | some at, item in v]
} else := {"k": "known", "v": v, "s": v, "opened": opened} if {
	is_string(v)
	regex.match(`^\s*[\[{]`, v)
	json.is_valid(v)
	opened := tag2(json.unmarshal(v), false)
} else := scalar(v)

tag2(v, u) := {"k": "unknown", "reason": "known after apply"} if {
	u == true
} else := {"k": "null"} if {
	is_null(v)
} else := {"k": "map", "open": false, "items": items} if {
	is_object(v)
	keys := object.keys(v) | {key | is_object(u); some key, hidden in u; hidden == true}
	items := {key: tag3(object.get(v, [key], null), inner(u, key)) | some key in keys}
} else := {"k": "list", "open": false, "kind": kind, "items": items} if {
	is_array(v)
	kind := block_kind(v)
	items := [tag3(item, inner(u, at)) | some at, item in v]
} else := {"k": "known", "v": v, "s": v, "opened": opened} if {
	is_string(v)
	regex.match(`^\s*[\[{]`, v)
	json.is_valid(v)
	opened := tag3(json.unmarshal(v), false)
} else := scalar(v)

tag3(v, u) := {"k": "unknown", "reason": "known after apply"} if {
	u == true
} else := {"k": "null"} if {
	is_null(v)
} else := {"k": "map", "open": false, "items": items} if {
	is_object(v)
	keys := object.keys(v) | {key | is_object(u); some key, hidden in u; hidden == true}
	items := {key: tag4(object.get(v, [key], null), inner(u, key)) | some key in keys}
} else := {"k": "list", "open": false, "kind": kind, "items": items} if {
	is_array(v)
	kind := block_kind(v)
	items := [tag4(item, inner(u, at)) | some at, item in v]
} else := {"k": "known", "v": v, "s": v, "opened": opened} if {
	is_string(v)
	regex.match(`^\s*[\[{]`, v)
	json.is_valid(v)
	opened := tag4(json.unmarshal(v), false)
} else := scalar(v)

tag4(v, u) := {"k": "unknown", "reason": "known after apply"} if {
	u == true
} else := {"k": "null"} if {
	is_null(v)
} else := {"k": "map", "open": false, "items": items} if {
	is_object(v)
	keys := object.keys(v) | {key | is_object(u); some key, hidden in u; hidden == true}
	items := {key: tag5(object.get(v, [key], null), inner(u, key)) | some key in keys}
} else := {"k": "list", "open": false, "kind": kind, "items": items} if {
	is_array(v)
	kind := block_kind(v)
	items := [tag5(item, inner(u, at)) | some at, item in v]
} else := {"k": "known", "v": v, "s": v, "opened": opened} if {
	is_string(v)
	regex.match(`^\s*[\[{]`, v)
	json.is_valid(v)
	opened := tag5(json.unmarshal(v), false)
} else := scalar(v)

tag5(v, u) := {"k": "unknown", "reason": "known after apply"} if {
	u == true
} else := {"k": "null"} if {
	is_null(v)
} else := {"k": "map", "open": false, "items": items} if {
	is_object(v)
	keys := object.keys(v) | {key | is_object(u); some key, hidden in u; hidden == true}
	items := {key: tag6(object.get(v, [key], null), inner(u, key)) | some key in keys}
} else := {"k": "list", "open": false, "kind": kind, "items": items} if {
	is_array(v)
	kind := block_kind(v)
	items := [tag6(item, inner(u, at)) | some at, item in v]
} else := {"k": "known", "v": v, "s": v, "opened": opened} if {
	is_string(v)
	regex.match(`^\s*[\[{]`, v)
	json.is_valid(v)
	opened := tag6(json.unmarshal(v), false)
} else := scalar(v)

tag6(v, u) := {"k": "unknown", "reason": "known after apply"} if {
	u == true
} else := {"k": "null"} if {
	is_null(v)
} else := {"k": "map", "open": false, "items": items} if {
	is_object(v)
	keys := object.keys(v) | {key | is_object(u); some key, hidden in u; hidden == true}
	items := {key: tag7(object.get(v, [key], null), inner(u, key)) | some key in keys}
} else := {"k": "list", "open": false, "kind": kind, "items": items} if {
	is_array(v)
	kind := block_kind(v)
	items := [tag7(item, inner(u, at)) | some at, item in v]
} else := {"k": "known", "v": v, "s": v, "opened": opened} if {
	is_string(v)
	regex.match(`^\s*[\[{]`, v)
	json.is_valid(v)
	opened := tag7(json.unmarshal(v), false)
} else := scalar(v)

tag7(v, u) := {"k": "unknown", "reason": "known after apply"} if {
	u == true
} else := {"k": "null"} if {
	is_null(v)
} else := {"k": "map", "open": false, "items": items} if {
	is_object(v)
	keys := object.keys(v) | {key | is_object(u); some key, hidden in u; hidden == true}
	items := {key: tag8(object.get(v, [key], null), inner(u, key)) | some key in keys}
} else := {"k": "list", "open": false, "kind": kind, "items": items} if {
	is_array(v)
	kind := block_kind(v)
	items := [tag8(item, inner(u, at)) | some at, item in v]
} else := {"k": "known", "v": v, "s": v, "opened": opened} if {
	is_string(v)
	regex.match(`^\s*[\[{]`, v)
	json.is_valid(v)
	opened := tag8(json.unmarshal(v), false)
} else := scalar(v)

tag8(v, u) := {"k": "unknown", "reason": "known after apply"} if {
	u == true
} else := {"k": "null"} if {
	is_null(v)
} else := {"k": "map", "open": false, "items": items} if {
	is_object(v)
	keys := object.keys(v) | {key | is_object(u); some key, hidden in u; hidden == true}
	items := {key: tag9(object.get(v, [key], null), inner(u, key)) | some key in keys}
} else := {"k": "list", "open": false, "kind": kind, "items": items} if {
	is_array(v)
	kind := block_kind(v)
	items := [tag9(item, inner(u, at)) | some at, item in v]
} else := {"k": "known", "v": v, "s": v, "opened": opened} if {
	is_string(v)
	regex.match(`^\s*[\[{]`, v)
	json.is_valid(v)
	opened := tag9(json.unmarshal(v), false)
} else := scalar(v)

tag9(v, u) := {"k": "unknown", "reason": "known after apply"} if {
	u == true
} else := {"k": "null"} if {
	is_null(v)
} else := {"k": "map", "open": false, "items": items} if {
	is_object(v)
	keys := object.keys(v) | {key | is_object(u); some key, hidden in u; hidden == true}
	items := {key: tag10(object.get(v, [key], null), inner(u, key)) | some key in keys}
} else := {"k": "list", "open": false, "kind": kind, "items": items} if {
	is_array(v)
	kind := block_kind(v)
	items := [tag10(item, inner(u, at)) | some at, item in v]
} else := {"k": "known", "v": v, "s": v, "opened": opened} if {
	is_string(v)
	regex.match(`^\s*[\[{]`, v)
	json.is_valid(v)
	opened := tag10(json.unmarshal(v), false)
} else := scalar(v)

tag10(_, _) := {"k": "unknown", "reason": "nested too deeply"}

block_kind(v) := "blocks" if {
	count(v) == 0
} else := "list"

inner(u, key) := true if {
	u == true
} else := object.get(u, [key], false) if {
	is_object(u)
} else := u[key] if {
	is_array(u)
	u[key]
} else := false

scalar(v) := {"k": "known", "v": v, "s": v, "n": to_number(trim_space(v))} if {
	is_string(v)
	regex.match(`^\s*-?(0|[1-9][0-9]*)(\.[0-9]+)?\s*$`, v)
} else := {"k": "known", "v": v, "s": v} if {
	is_string(v)
} else := {"k": "known", "v": v, "s": json.marshal(v), "n": v} if {
	is_number(v)
} else := {"k": "known", "v": v, "s": json.marshal(v)}

key_of(resource) := concat("", ["data.", resource.type]) if {
	resource.mode == "data"
} else := resource.type

param(name) := input.parameters[name] if {
	not is_null(input.parameters[name])
} else := {"missing": true}

fact(scope, digest) := truth if {
	truth := scope.res["$facts"][digest]
} else := "u"

# --- scopes ---

scope(resource) := {
	"res": resource, "value": resource.body, "key": null, "steps": [],
	"pod": object.get(resource, "pod", null), "metadata": object.get(resource, "metadata", null),
}

pod_scope(resource) := object.union(scope(resource), {"value": resource.pod})

other_scope(s, resource) := object.union(scope(resource), {"pod": s.pod, "metadata": s.metadata})

element_scope(s, item) := {
	"res": s.res, "value": item.v, "key": item.key, "steps": item.steps, "pod": s.pod, "metadata": s.metadata,
}

containers(resource) := [c |
	some name in ["containers", "initContainers", "ephemeralContainers"]
	some reading in finish(step([start(object.get(resource, "pod", null))], name), true)
	not reading.a
	some item in elements(scope(resource), reading, ["containers"])
	c := item
]

root_scope := scope({
	"address": "root", "type": "root", "name": "root", "mode": "block", "body": {"k": "map", "open": false, "items": {}},
	"conditional": false, "nulls_absent": true, "ignored": [], "$facts": {},
})

# --- walking ---

absent := {"a": true, "v": null}

unknown(reason) := {"a": false, "v": {"k": "unknown", "reason": reason}}

start(value) := absent if {
	is_null(value)
} else := {"a": false, "v": value}

bare(v) := v.opened.opened.opened if {
	v.opened.opened.opened
} else := v.opened.opened if {
	v.opened.opened
} else := v.opened if {
	v.opened
} else := v

step(readings, key) := [found | some reading in readings; some found in step_one(reading, key)]

step_one(reading, key) := [reading] if {
	reading.a
} else := [member(reading.v, key)] if {
	reading.v.k == "map"
} else := [member(z.v, key) |
	some x in spread_once(reading)
	some y in spread_once(x)
	some z in spread_once(y)
]

member(v, key) := {"a": false, "v": v.items[key]} if {
	v.k == "map"
	v.items[key]
} else := unknown("more keys may be merged in") if {
	v.k == "map"
	v.open
} else := absent if {
	v.k in {"map", "null", "absent"}
} else := {"a": false, "v": v} if {
	v.k == "unknown"
} else := unknown("reference") if {
	v.k == "ref"
} else := absent if {
	v.k == "known"
	not is_string(v.v)
} else := absent if {
	v.k == "known"
	trim_space(v.v) == ""
} else := unknown("it does not read as JSON or YAML")

# One level of list, or of text, taken away.
spread_once(reading) := [{"v": item} | some item in array.concat(v.items, more(v))] if {
	v := bare(reading.v)
	v.k == "list"
} else := [{"v": bare(reading.v)}]

more(v) := [{"k": "unknown", "reason": "more"}] if {
	v.open
} else := [{"k": "absent"}] if {
	count(v.items) == 0
} else := []

position(readings, at) := [found | some reading in readings; found := position_one(reading, at)]

position_one(reading, at) := reading if {
	reading.a
} else := found if {
	found := position_in(bare(reading.v), at)
}

position_in(v, at) := {"a": false, "v": v} if {
	v.k == "map"
	at == 0
} else := {"a": false, "v": v.items[at]} if {
	v.k == "list"
	at < count(v.items)
	indexable(v)
} else := unknown("which element this is, is not decided") if {
	v.k == "list"
	at < count(v.items)
} else := unknown("which element this is, is not decided") if {
	v.k == "list"
	v.open
} else := absent if {
	v.k == "list"
} else := member(v, "")

indexable(v) if v.kind != "set"

indexable(v) if {
	count(v.items) == 1
	not v.open
}

finish(readings, nulls_absent) := [found | some reading in readings; found := finish_one(reading, nulls_absent)]

finish_one(reading, nulls_absent) := reading if {
	reading.a
} else := {"a": true, "v": null} if {
	reading.v.k == "null"
	nulls_absent
} else := absent if {
	reading.v.k == "list"
	reading.v.kind == "blocks"
	count(reading.v.items) == 0
	not reading.v.open
} else := reading

hollow(v) if v.k == "null"

hollow(v) if {
	v.k == "known"
	v.v == ""
}

hollow(v) if {
	v.k == "list"
	count(v.items) == 0
	not v.open
}

chosen(alternatives) := min(full) if {
	full := {at |
		some at, readings in alternatives
		some reading in readings
		not reading.a
		not hollow(reading.v)
	}
	count(full) > 0
} else := min(there) if {
	there := {at |
		some at, readings in alternatives
		some reading in readings
		not reading.a
	}
	count(there) > 0
} else := 0

# `alternatives` are the readings of each path, `names` their steps: what stands at the first that is present.
read(s, alternatives, names) := {"at": at, "steps": steps, "readings": readings} if {
	at := chosen(alternatives)
	steps := array.concat(s.steps, names[at])
	readings := not_ignored(s.res, steps, alternatives[at])
}

key_read(s) := {"at": 0, "steps": s.steps, "readings": [start(s.key)]}

not_ignored(resource, steps, readings) := readings if {
	count(resource.ignored) == 0
} else := [unknown("ignored") | some _ in readings] if {
	some covered in resource.ignored
	array.slice(steps, 0, count(covered)) == covered
} else := readings

# --- elements ---

elements(s, reading, steps) := [] if {
	reading.a
} else := [] if {
	reading.v.k == "null"
} else := found if {
	found := elements_in(s, value_inside(reading.v), steps)
}

value_inside(v) := text_inside(encoded_inside(v))

text_inside(v) := v.opened if {
	v.k in {"known", "template"}
	v.opened
} else := v

maybe_more := {"gap": true, "v": null, "key": null, "steps": []}

elements_in(s, v, steps) := array.concat(
	[{"gap": false, "v": nothing(s, item), "key": s.key, "steps": steps} | some item in v.items],
	[maybe_more | v.open],
) if {
	v.k == "list"
} else := array.concat(
	[{"gap": false, "v": nothing(s, item), "key": {"k": "known", "v": key, "s": key}, "steps": array.concat(steps, [key])} | some key, item in v.items],
	[maybe_more | v.open],
) if {
	v.k == "map"
} else := [maybe_more] if {
	v.k in {"unknown", "ref"}
} else := [{"gap": false, "v": nothing(s, v), "key": s.key, "steps": steps}]

nothing(s, item) := null if {
	item.k == "null"
	s.res.nulls_absent
} else := item

all_absent(found) if {
	every reading in found.readings { reading.a }
}

members(s, found) := [item | some reading in found.readings; some item in elements(s, reading, found.steps)]

# --- leaves ---

leaf(s, found, spec) := both({truth |
	some reading in spreaded(found.readings, spec)
	truth := judged(s, found, reading, spec)
})

spreaded(readings, spec) := readings if {
	not spec.each
} else := readings if {
	is_array(spec.w)
	spec.op == "equals"
} else := [final |
	some reading in readings
	some x in spread(reading)
	some y in spread(x)
	some final in spread(y)
]

spread(reading) := [reading] if {
	reading.a
} else := [found | some item in array.concat(v.items, more(v)); found := item_reading(item)] if {
	v := encoded_inside(reading.v)
	v.k == "list"
} else := [reading]

encoded_inside(v) := v.inner if {
	v.k == "encoded"
} else := v

item_reading(item) := absent if {
	item.k in {"null", "absent"}
} else := {"a": false, "v": item}

judged(_, _, reading, spec) := truth if {
	not reading.a
	truth := decided(spec.op, spec.w, reading.v)
} else := "u" if {
	not reading.a
} else := signed(false, flag(spec.w)) if {
	spec.op in {"present", "defined"}
} else := spec.absent if {
	is_string(spec.absent)
} else := "u"

judged_default(s, found, spec) := spec.defaults[s.res.type][found.at] if {
	spec.defaults[s.res.type][found.at]
} else := "u"

leaf_default(s, found, spec) := both({truth |
	some reading in spreaded(found.readings, spec)
	truth := judged_or_default(s, found, reading, spec)
})

judged_or_default(s, found, reading, spec) := judged_default(s, found, spec) if {
	reading.a
} else := judged(s, found, reading, spec)

flag(true) := "t"

flag(false) := "f"

decided(op, w, v) := "u" if {
	is_object(w)
	w.missing
} else := truth if {
	truth := decide(op, w, v)
} else := "u"

runs(v) := [v.s] if {
	v.k == "known"
} else := v.runs if {
	v.k == "template"
} else := [null] if {
	v.k in {"ref", "unknown", "encoded"}
}

textless(v) if v.k in {"list", "map", "null"}

gaps(found) if {
	some run in found
	is_null(run)
}

run_text(run) := "" if {
	is_null(run)
} else := run

same(a, b) if {
	is_string(a.v)
	is_string(b.v)
	a.v == b.v
}

same(a, b) if {
	(type_name(a.v) == "string") != (type_name(b.v) == "string")
	some_boolean(a, b)
	a.s == b.s
}

same(a, b) if {
	(type_name(a.v) == "string") != (type_name(b.v) == "string")
	not some_boolean(a, b)
	a.n == b.n
}

same(a, b) if {
	not is_string(a.v)
	not is_string(b.v)
	some_boolean(a, b)
	is_boolean(a.v)
	is_boolean(b.v)
	a.v == b.v
}

same(a, b) if {
	is_number(a.v)
	is_number(b.v)
	a.v == b.v
}

some_boolean(a, _) if type_name(a.v) == "boolean"

some_boolean(_, b) if type_name(b.v) == "boolean"

equal(v, w) := "u" if {
	not scalar_operand(w)
} else := null_equal(w) if {
	v.k == "null"
} else := "u" if {
	v.k in {"ref", "unknown", "encoded"}
} else := known_equal(v, w) if {
	v.k == "known"
} else := template_equal(v, w) if {
	v.k == "template"
} else := "f"

scalar_operand(w) if {
	is_object(w)
	"s" in object.keys(w)
}

null_equal(w) := "t" if {
	is_null(w.v)
} else := "f"

known_equal(v, w) := "t" if {
	not is_null(w.v)
	same(v, w)
} else := "f"

template_equal(v, w) := "f" if {
	is_null(w.v)
} else := "u" if {
	regex.match(v.re, w.s)
} else := "f"

decide("equals", w, v) := equal(v, w)

decide("in", w, v) := either({equal(v, x) | some x in w})

decide("matches", w, v) := truth if {
	found := runs(v)
	truth := matched(found, w)
} else := "f" if {
	textless(v)
}

matched(found, w) := "u" if {
	gaps(found)
} else := "t" if {
	regex.match(concat("", [`\A(?:`, w.s, `)\z`]), found[0])
} else := "f"

decide("starts_with", w, v) := "f" if {
	textless(v)
} else := "t" if {
	startswith(run_text(runs(v)[0]), w.s)
} else := "u" if {
	gaps(runs(v))
	startswith(w.s, run_text(runs(v)[0]))
} else := "f"

last(found) := run_text(found[count(found) - 1])

decide("ends_with", w, v) := "f" if {
	textless(v)
} else := "t" if {
	endswith(last(runs(v)), w.s)
} else := "u" if {
	gaps(runs(v))
	endswith(w.s, last(runs(v)))
} else := "f"

# The elements of a list (or of text that holds one), and whether there may be more.
listed(v) := {"items": v.items, "open": v.open} if {
	v.k == "list"
} else := {"items": v.inner.items, "open": v.inner.open} if {
	v.k == "encoded"
	v.inner.k == "list"
} else := {"items": [], "open": true} if {
	v.k in {"ref", "unknown"}
} else := {"items": v.opened.items, "open": v.opened.open} if {
	v.k in {"known", "template"}
	v.opened.k == "list"
}

taken(v) := listed(v) if {
	listed(v)
} else := {"items": [v], "open": false} if {
	v.k in {"known", "template"}
}

has(found, w) := "u" if {
	truth := either({equal(item, w) | some item in found.items})
	truth == "f"
	found.open
} else := either({equal(item, w) | some item in found.items})

decide("contains", w, v) := has(listed(v), w) if {
	not v.k in {"ref", "unknown"}
	listed(v)
} else := "f" if {
	textless(v)
} else := "t" if {
	some run in runs(v)
	not is_null(run)
	contains(run, w.s)
} else := "u" if {
	gaps(runs(v))
} else := "f"

decide("contains_all", w, v) := both({has(taken(v), x) | some x in w}) if {
	taken(v)
} else := "f"

decide("subset_of", w, v) := truth if {
	found := taken(v)
	base := both({each | some item in found.items; each := either({equal(item, x) | some x in w})})
	truth := both({base} | {"u" | found.open})
} else := "f"

decide("between", w, v) := "f" if {
	v.k in {"list", "map", "null"}
} else := both(lower | upper) if {
	v.k == "known"
	is_number(v.n)
	lower := {t | w.at_least; t := at_least(v, w.at_least)}
	upper := {t | w.at_most; t := at_least(w.at_most, v)}
} else := "u"

at_least(a, b) := "t" if {
	a.n >= b.n
} else := "f" if {
	a.n < b.n
} else := "u"

decide("present", w, v) := signed(w, presence(v))

presence(v) := "f" if {
	v.k == "null"
} else := "f" if {
	v.k == "known"
	v.v == ""
} else := "u" if {
	v.k == "list"
	count(v.items) == 0
	v.open
} else := "f" if {
	v.k == "list"
	count(v.items) == 0
} else := "u" if {
	v.k == "template"
	not v.surely
} else := "u" if {
	v.k == "unknown"
} else := "t"

decide("defined", w, v) := signed(w, definition(v))

definition(v) := "u" if {
	v.k == "unknown"
} else := "f" if {
	v.k == "null"
} else := "t"

decide("empty", w, v) := signed(w, emptiness(v))

emptiness(v) := "f" if {
	v.k in {"list", "map"}
	count(v.items) > 0
} else := "u" if {
	v.k in {"list", "map"}
	v.open
} else := "t" if {
	v.k in {"list", "map"}
} else := "t" if {
	v.k == "known"
	v.v == ""
} else := "f" if {
	v.k == "template"
	some run in v.runs
	not is_null(run)
	run != ""
} else := "u" if {
	v.k in {"template", "ref", "unknown"}
} else := "f"

decide("length", w, v) := "f" if {
	v.k == "null"
} else := both(lower | upper) if {
	size := sized(encoded_inside(v))
	lower := {t | w.at_least; t := size_at_least(size, w.at_least.n)}
	upper := {t | w.at_most; t := size_at_most(size, w.at_most.n)}
}

sized(v) := {"least": count(v.items), "exact": opposite(flag(v.open))} if {
	v.k in {"list", "map"}
} else := {"least": count(v.s), "exact": "t"} if {
	v.k == "known"
} else := {"least": sum([count(run_text(run)) | some run in v.runs]), "exact": "f"} if {
	v.k == "template"
	gaps(v.runs)
} else := {"least": sum([count(run_text(run)) | some run in v.runs]), "exact": "t"} if {
	v.k == "template"
} else := {"least": 0, "exact": "f"}

size_at_least(size, n) := "t" if {
	size.least >= n
} else := "f" if {
	size.exact == "t"
} else := "u"

size_at_most(size, n) := "f" if {
	size.least > n
} else := "t" if {
	size.exact == "t"
} else := "u"

decide("refers_to", w, v) := "t" if {
	some type in object.get(v, "refs", [])
	type in w
} else := "u" if {
	v.refs_open
} else := "u" if {
	v.k == "unknown"
	not v.refs
} else := "f"

several(name) := {"missing": true} if {
	param(name).missing
} else := param(name) if {
	is_array(param(name))
} else := [param(name)]

one(name) := param(name)

doubted(resource, truth) := "u" if {
	resource.conditional
	truth == "t"
} else := truth

sighted(truth) := "u" if {
	truth == "f"
	not closed
} else := truth
