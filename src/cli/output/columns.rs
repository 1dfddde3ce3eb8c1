//! Which members of a list's records a table shows.

/// A column: its heading, and the member that it shows.
pub(super) type Column = (&'static str, &'static str);

/// The columns for the list that stands under `member`; `None` where all members are shown.
pub(super) fn of(member: &str) -> Option<&'static [Column]> {
    Some(match member {
        "drivers" => &[("ID", "id"), ("NAME", "friendly_name")],
        "networks" => &[
            ("NAME", "name"),
            ("ACTIVE", "active"),
            ("KIND", "kind"),
            ("BRIDGE", "bridge"),
            ("SUBNETS", "subnets"),
        ],
        "sec_groups" => &[("NAME", "name"), ("ID", "id")],
        "images" => &[
            ("NAME", "name"),
            ("FORMAT", "format"),
            ("NEEDS", "virtual_size"),
            ("TAKES", "size"),
            ("POOL", "pool"),
        ],
        "providers" => &[
            ("NAME", "provider_name"),
            ("DRIVER", "driver"),
            ("HOST", "host"),
            ("DEFAULT", "default"),
            ("FILE", "file"),
        ],
        // what `--os-cloud` takes
        "clouds" => &[
            ("NAME", "name"),
            ("HOST", "host"),
            ("DEFAULT", "default"),
            ("FILE", "file"),
        ],
        // several servers, and what became of each
        "results" => &[
            ("NAME", "server_name"),
            ("OUTCOME", "outcome"),
            ("MESSAGE", "message"),
        ],
        "sizes" => &[
            ("NAME", "name"),
            ("CPUS", "cpus"),
            ("RAM MiB", "ram"),
            ("DISK GiB", "disk"),
            ("COST/HOUR", "cost"),
        ],
        "pools" => &[
            ("NAME", "name"),
            ("KIND", "kind"),
            ("ACTIVE", "active"),
            ("CAPACITY BYTES", "capacity"),
            ("AVAILABLE BYTES", "available"),
            ("PATH", "path"),
        ],
        "servers" => &[
            ("NAME", "hostname"),
            ("STATUS", "status"),
            ("IP", "ip"),
            ("SIZE", "size"),
            ("CPUS", "used_cpu"),
            ("RAM MiB", "used_ram"),
            ("DISK GiB", "used_disk"),
            ("COST/HOUR", "hourly"),
            ("AGE", AGE),
            ("IMAGE", "image"),
        ],
        "fields" => &[
            ("FIELD", "id"),
            ("NAME", "name"),
            ("TYPE", "type"),
            ("MAY BE EMPTY", "blank"),
            ("CHOICES", "option_choices"),
        ],
        _ => return None,
    })
}

/// What `-o wide` adds to the columns of the list under `member`.
pub(super) fn wide(member: &str) -> &'static [Column] {
    match member {
        "servers" => &[
            ("ID", "id"),
            ("PROVIDER", "provider"),
            ("PUBLIC IPS", "public_ips"),
            ("PRIVATE IPS", "private_ips"),
            ("COST/MONTH", "estimated_cost"),
        ],
        "networks" | "images" | "sizes" => &[("ID", "id")],
        _ => &[],
    }
}

/// Lists that a person wants in the order of names; others have an order of their own.
pub(super) const BY_NAME: [&str; 5] = ["images", "providers", "results", "sec_groups", "servers"];

/// Columns that are there to be read, so that they are wrapped and not left out.
pub(super) const READ: [&str; 2] = ["message", "reason"];

/// The member that a column shows as how long ago it is.
pub(super) const AGE: &str = "created_at";

/// Columns of states.
pub(super) const STATES: [&str; 3] = ["outcome", "state", "status"];

/// Lists whose records' own lists are not shown: they have a subcommand of their own (`driver steps`).
pub(super) const FLAT: [&str; 1] = ["drivers"];

/// Members that are for programs only.
pub(super) const HIDDEN: [&str; 6] = [
    "option_choices",
    "schema",
    "ui_schema",
    "xml",
    "domain_xml",
    // the results say it
    "ok",
];
