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
            ("NEEDS BYTES", "virtual_size"),
            ("TAKES BYTES", "size"),
            ("POOL", "pool"),
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

/// Lists whose records' own lists are not shown: they have a subcommand of their own (`driver steps`).
pub(super) const FLAT: [&str; 1] = ["drivers"];

/// Members that are for programs only.
pub(super) const HIDDEN: [&str; 5] = ["option_choices", "schema", "ui_schema", "xml", "domain_xml"];
