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

resources := array.concat(planned, read_before) if {
	is_plan
} else := input.resources

# Whether what is not there is surely not there: the export saw all of the root, or the plan makes all that is declared.
closed(_) if {
	not is_plan
	input.closed == true
}

closed(types) if {
	is_plan
	whole_plan
	not unmade(types)
	every type in types { planned_type(type) }
}

# A plan shows what providers and modules are told by expressions at best.
planned_type(type) if not contains(type, ".")

planned_type(type) if startswith(type, "data.")

whole_plan if {
	input.configuration.root_module
	count(object.get(input, "deferred_changes", [])) == 0
	object.get(input, "errored", false) == false
	object.get(input, "complete", true) == true
}

# A plan that does not say that it is complete may be one of a few targets.
unmade(types) if {
	not input.complete
	some address, declared in configured
	key_of(declared) in types
	not address in made
}

made := {stripped(resource.address) | some resource in resources}

planned := [resource |
	walk(object.get(input.planned_values, "root_module", {}), [path, raw])
	in_modules(path)
	resource := of_plan(raw, unknowns(raw.address))
]

# Data sources that were read while the plan was made stand in the state before it.
read_before := [resource |
	walk(object.get(object.get(object.get(input, "prior_state", {}), "values", {}), "root_module", {}), [path, raw])
	in_modules(path)
	raw.mode == "data"
	not raw.address in planned_addresses
	still_declared(raw.address)
	resource := of_plan(raw, {})
]

planned_addresses := {resource.address | some resource in planned}

still_declared(_) if not input.configuration.root_module

still_declared(address) if configured[stripped(address)]

of_plan(raw, mask) := {
	"address": raw.address, "type": raw.type, "name": raw.name, "mode": raw.mode,
	"body": object.remove(tag0(object.get(raw, "values", {}), mask, written_for(raw.address)), ["single"]),
	"conditional": false, "nulls_absent": true, "ignored": [], "$facts": {},
}

# Whether a path of the plan leads to an entry in the resources of a module, and not into the values of one.
in_modules(path) if {
	n := count(path)
	n >= 2
	n % 2 == 0
	path[n - 2] == "resources"
	is_number(path[n - 1])
	every at, part in array.slice(path, 0, n - 2) { module_step(at, part) }
}

module_step(at, part) if {
	at % 2 == 0
	part == "child_modules"
}

module_step(at, part) if {
	at % 2 == 1
	is_number(part)
}

# What is known after apply; "unsure" where the plan does not say.
unknowns(address) := mask_of(mask) if {
	count(all_changes[address]) == 1
	some at in all_changes[address]
	mask := object.get(object.get(input.resource_changes[at], "change", {}), "after_unknown", {})
} else := "unsure"

# As a whole, so that OPA makes it once and does not look for each address anew.
all_changes := changes

changes[address] contains at if {
	some at, change in object.get(input, "resource_changes", [])
	object.get(change, "deposed", "") == ""
	address := change.address
}

mask_of(mask) := {} if {
	mask == false
} else := mask

# The resources of the configuration by their address without keys.
configured := {address: declared |
	walk(object.get(object.get(input, "configuration", {}), "root_module", {}), [path, declared])
	in_calls(path)
	address := concat(".", array.concat(called(path), own_address(declared)))
}

in_calls(path) if {
	n := count(path)
	n >= 2
	n % 3 == 2
	path[n - 2] == "resources"
	is_number(path[n - 1])
	every at, part in array.slice(path, 0, n - 2) { call_step(at, part) }
}

call_step(at, part) if {
	at % 3 == 0
	part == "module_calls"
}

call_step(at, _) if at % 3 == 1

call_step(at, part) if {
	at % 3 == 2
	part == "module"
}

called(path) := [name |
	some at, part in array.slice(path, 0, count(path) - 2)
	at % 3 != 2
	name := called_part(at, part)
]

called_part(at, part) := "module" if {
	at % 3 == 0
} else := part

own_address(declared) := ["data", declared.type, declared.name] if {
	declared.mode == "data"
} else := [declared.type, declared.name]

stripped(address) := regex.replace(address, `\["(?:[^"\\]|\\.)*"\]|\[[0-9]+\]`, "")

# How a value of the plan was written. {"e": …}: its arguments by these expressions; {"es": …}: as blocks of these;
# {"any": …}: as one of these blocks; "fixed": as a literal; "written": as an expression that may refer to something;
# "unwritten": not at all; "unsure": nobody knows, as for dynamic blocks, which a plan does not show; "text" and "fixed
# text": inside of a document.
written_for(address) := {"e": object.get(configured[stripped(address)], "expressions", {})} if {
	configured[stripped(address)]
} else := "unsure"

passed_on := {"text", "fixed text", "written", "fixed", "unsure"}

member_of(how, key, value) := how if {
	how in passed_on
} else := "unsure" if {
	how == "unwritten"
} else := argument_of(how.e, key, value) if {
	is_object(how.e)
} else := "unwritten" if {
	every block in how.any { not key in said_keys({"e": block}) }
} else := "written" if {
	every block in how.any { is_expression(block[key]) }
} else := "unsure"

argument_of(expressions, key, _) := "unwritten" if {
	not key in object.keys(expressions)
} else := {"es": expressions[key]} if {
	is_array(expressions[key])
} else := "unsure" if {
	not is_object(expressions[key])
} else := "written" if {
	is_array(expressions[key].references)
} else := "fixed" if {
	"constant_value" in object.keys(expressions[key])
} else := "written" if {
	count(expressions[key]) == 0
} else := {"e": expressions[key]}

is_expression(said) if is_array(said.references)

is_expression(said) if {
	is_object(said)
	"constant_value" in object.keys(said)
}

item_of(how, _) := how if {
	how in passed_on
} else := {"e": how.es[0]} if {
	size_of(how) == 1
	how.length == 1
} else := {"any": how.es} if {
	size_of(how) == how.length
	count({block | some block in how.es}) == how.length
} else := "unsure"

size_of(how) := count(how.es)

counted(how, length) := object.union(how, {"length": length}) if {
	is_object(how)
} else := how

surely(how) := false if {
	how in {"unwritten", "unsure"}
} else := true

fixed(how) if how in {"fixed", "fixed text"}

# Whether an object is one block: a plan shows it like a map.
single(how, value) := "maybe" if {
	how in {"unwritten", "unsure"}
} else := "maybe" if {
	how == "written"
	count(value) == 0
} else := "block" if {
	is_object(how)
} else := "no"

# What an empty list is: no block, a list that is written as empty, or either.
list_kind(v, how) := "blocks" if {
	count(v) == 0
	how == "unwritten"
} else := "list" if {
	count(v) == 0
	how in {"text", "fixed text", "written", "fixed"}
} else := "either" if {
	count(v) == 0
} else := "list" if {
	how in {"text", "fixed text"}
} else := "list" if {
	count(v) == 1
} else := "set"

text_in(how) := "fixed text" if {
	fixed(how)
} else := "text"

marks(how) := {"said": surely(how)} if {
	fixed(how)
} else := {"said": surely(how)} if {
	is_object(how)
} else := {"said": surely(how), "refs_open": true}

known_after(how) := {"k": "unknown", "reason": "known after apply", "unwritten": true} if {
	how == "unwritten"
} else := {"k": "unknown", "reason": "known after apply"}

keys_of(v, mask, how) := (object.keys(v) | mask_keys(mask)) | said_keys(how)

mask_keys(mask) := object.keys(mask) if {
	is_object(mask)
} else := set()

said_keys(how) := object.keys(how.e) if {
	is_object(how)
	is_object(how.e)
} else := set()

# A value that the plan leaves out is not known, and neither is an argument that is written and never kept.
mask_at(v, mask, key) := true if {
	not key in object.keys(v)
} else := true if {
	endswith(key, "_wo")
	is_null(v[key])
} else := inner(mask, key)

inner(mask, key) := mask if {
	not is_object(mask)
	not is_array(mask)
} else := object.get(mask, [key], false) if {
	is_object(mask)
} else := mask[key] if {
	is_array(mask)
	mask[key]
} else := false

open_under(mask) := true if {
	mask == "unsure"
} else := false

scalar(v, how) := object.union_n([bare_scalar(v), marks(how), doubts(v, how)])

bare_scalar(v) := {"k": "known", "v": v, "s": v, "n": to_number(trim_space(v))} if {
	is_string(v)
	regex.match(`^\s*-?(0|[1-9][0-9]*)(\.[0-9]+)?\s*$`, v)
} else := {"k": "known", "v": v, "s": v} if {
	is_string(v)
} else := {"k": "known", "v": v, "s": json.marshal(v), "n": v} if {
	is_number(v)
} else := {"k": "known", "v": v, "s": json.marshal(v)}

# A text that we do not read as native evaluation may: as a number, a mapping in YAML, or something encoded.
doubts(v, how) := object.union_n([odd_number(v), maybe_mapping(v), maybe_encoded(v, how)]) if {
	is_string(v)
} else := {}

odd_number(v) := {"odd": true} if {
	regex.match(`^\s*[-+]?(\p{Nd}+(\.\p{Nd}*)?|\.\p{Nd}+)([eE][-+]?\p{Nd}+)?\s*$`, v)
	not regex.match(`^\s*-?(0|[1-9][0-9]*)(\.[0-9]+)?\s*$`, v)
} else := {}

maybe_mapping(v) := {"mapping": true} if {
	regex.match(`(?m):(\s|$)|^\s*\{|^\s*\?|:"`, v)
} else := {}

maybe_encoded(v, how) := {"encoded": true} if {
	not fixed(how)
	count(v) % 4 == 0
	regex.match(`^[A-Za-z0-9+/]{22,}={0,2}$`, v)
} else := {}

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
	some reading in finish(step([start(object.get(resource, "pod", null))], name), resource, "either")
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

bare(v) := v.opened.opened.opened.opened if {
	v.opened.opened.opened.opened
} else := v.opened.opened.opened if {
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
} else := {"a": false, "v": object.remove(v, ["unwritten"])} if {
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

# `kinds` says what stands at the path by the facts of the provider, for all types or by type: an "argument", "blocks",
# or "either". It counts for plans alone, which show no block and an empty list alike.
finish(readings, resource, kinds) := [found |
	some reading in readings
	found := finish_one(reading, resource.nulls_absent, kind_at(resource, kinds))
]

kind_at(resource, kinds) := kinds if {
	is_string(kinds)
} else := object.get(kinds, key_of(resource), "either")

finish_one(reading, nulls_absent, kind) := reading if {
	reading.a
} else := {"a": true, "v": null} if {
	reading.v.k == "null"
	nulls_absent
} else := absent if {
	reading.v.k == "list"
	reading.v.kind == "blocks"
	count(reading.v.items) == 0
	not reading.v.open
} else := absent if {
	reading.v.k == "unknown"
	reading.v.unwritten
	kind == "argument"
} else := absent if {
	reading.v.kind == "either"
	kind == "blocks"
} else := {"a": false, "v": reading.v, "doubt": true} if {
	reading.v.kind == "either"
} else := {"a": false, "v": one_block(reading.v)} if {
	reading.v.single == "block"
} else := {"a": false, "v": one_block(reading.v)} if {
	reading.v.single == "maybe"
	kind == "blocks"
} else := unknown("whether this is a block or a map, is not known") if {
	reading.v.single == "maybe"
	kind == "either"
} else := reading

one_block(v) := {
	"k": "list", "kind": "blocks", "open": false, "said": v.said,
	"items": [object.remove(v, ["single"])],
}

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
	readings := not_ignored(s.res, steps, clear(alternatives, at))
}

# What may be absent, and may be the one that counts, leaves open which of several counts.
clear(alternatives, at) := [unknown("which of the arguments counts, is not decided")] if {
	some reading in alternatives[at]
	faint(reading)
	some other, readings in alternatives
	other != at
	some beside in readings
	not beside.a
} else := [unknown("which of the arguments counts, is not decided")] if {
	count(alternatives) > 1
	some reading in alternatives[at]
	reading.doubt
} else := alternatives[at]

faint(reading) if reading.v.said == false

faint(reading) if reading.doubt

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
} else := [maybe_more] if {
	v.mapping
} else := [{"gap": false, "v": nothing(s, v), "key": s.key, "steps": steps}]

nothing(s, item) := null if {
	item.k == "null"
	s.res.nulls_absent
} else := item

all_absent(found) if {
	every reading in found.readings { reading.a }
}

# Where no element is there, and it is not known whether that is an empty list or nothing at all.
hardly_there(found) if {
	some reading in found.readings
	reading.doubt
	every other in found.readings { none_in(other) }
}

none_in(reading) if reading.a

none_in(reading) if reading.doubt

members(s, found) := [item | some reading in found.readings; some item in elements(s, reading, found.steps)]

# --- leaves ---

leaf(s, found, spec) := both({truth |
	some reading in spreaded(found.readings, spec)
	truth := judged(reading, spec)
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

judged(reading, spec) := agreed(judged_absent(spec), decided(spec.op, spec.w, reading.v)) if {
	reading.doubt
} else := decided(spec.op, spec.w, reading.v) if {
	not reading.a
} else := judged_absent(spec)

judged_absent(spec) := signed(false, flag(spec.w)) if {
	spec.op in {"present", "defined"}
} else := spec.absent

agreed(one, other) := one if {
	one == other
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
} else := agreed(judged_default(s, found, spec), decided(spec.op, spec.w, reading.v)) if {
	reading.doubt
} else := judged(reading, spec)

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

equals(v, w) := "u" if {
	not scalar_operand(w)
} else := "u" if {
	v.odd
	is_number(w.v)
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
} else := known_equal(v.whole, w) if {
	v.whole
} else := "u" if {
	regex.match(v.re, w.s)
} else := "f"

decide("equals", w, v) := equals(v, w)

decide("in", w, v) := either({equals(v, x) | some x in w})

decide("matches", w, v) := truth if {
	found := runs(v)
	truth := masked(v, matched(found, w))
} else := "f" if {
	textless(v)
}

masked(v, truth) := "u" if {
	v.encoded
} else := truth

matched(found, w) := "u" if {
	gaps(found)
} else := "t" if {
	regex.match(concat("", [`\A(?:`, w.s, `)\z`]), found[0])
} else := "f"

decide("starts_with", w, v) := "f" if {
	textless(v)
} else := "u" if {
	v.encoded
} else := "t" if {
	startswith(run_text(runs(v)[0]), w.s)
} else := "u" if {
	gaps(runs(v))
	startswith(w.s, run_text(runs(v)[0]))
} else := "f"

last(found) := run_text(found[count(found) - 1])

decide("ends_with", w, v) := "f" if {
	textless(v)
} else := "u" if {
	v.encoded
} else := "t" if {
	endswith(last(runs(v)), w.s)
} else := "u" if {
	gaps(runs(v))
	endswith(w.s, last(runs(v)))
} else := "f"

# The elements of a list (or of text that holds one), and whether there may be more.
listed(v) := listing(encoded_inside(v))

listing(v) := {"items": v.items, "open": v.open} if {
	v.k == "list"
} else := {"items": [], "open": true} if {
	v.k in {"ref", "unknown"}
} else := {"items": v.opened.items, "open": v.opened.open} if {
	v.k in {"known", "template"}
	v.opened.k == "list"
}

taken(v) := listed(v) if {
	listed(v)
} else := {"items": [encoded_inside(v)], "open": false} if {
	encoded_inside(v).k in {"known", "template"}
}

has(found, w) := "u" if {
	truth := either({equals(item, w) | some item in found.items})
	truth == "f"
	found.open
} else := either({equals(item, w) | some item in found.items})

decide("contains", w, v) := has(listed(v), w) if {
	not v.k in {"ref", "unknown"}
	listed(v)
} else := "f" if {
	textless(v)
} else := "u" if {
	v.encoded
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
	base := both({each | some item in found.items; each := either({equals(item, x) | some x in w})})
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

# What stands in a plan may have been filled in by the provider; native evaluation calls that absent.
presence(v) := given(v, presence_of(v))

given(v, truth) := "u" if {
	v.said == false
	truth == "t"
} else := truth

presence_of(v) := "f" if {
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

definition(v) := given(v, definition_of(v))

definition_of(v) := "u" if {
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
	encoded_inside(v).k == "null"
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

# A range of which an end is not known is not known.
bounds(ends) := {"missing": true} if {
	some end in ends
	end.missing
} else := ends

doubted(resource, truth) := "u" if {
	resource.conditional
	truth == "t"
} else := truth

sighted(truth, types) := "u" if {
	truth == "f"
	not closed(types)
} else := truth
