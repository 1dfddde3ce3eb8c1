use super::*;
use serde_json::json;

/// As in a pipe.
fn describe(value: &Value) -> String {
    super::describe(value, Look::default())
}

#[test]
fn a_list_of_records_is_a_table_with_the_columns_that_hold_something() {
    let text = describe(&json!({
        "networks": [{"name": "default", "active": true, "subnets": ["10.0.0.0/24"]}],
        "option_choices": ["default"],
    }));
    let lines: Vec<_> = text.lines().map(str::trim).collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert!(lines[0].starts_with("NAME") && lines[0].contains("SUBNETS"));
    assert!(!text.contains("BRIDGE"));
    assert!(lines[1].contains("10.0.0.0/24") && lines[1].contains("yes"));
}

#[test]
fn an_empty_list_says_so() {
    assert_eq!(describe(&json!({"servers": []})), "no servers\n");
}

#[test]
fn plain_members_come_first_and_nested_ones_beside_them() {
    let text = describe(&json!({
        "host": {"cores": 1}, "servers": [{"hostname": "web-1"}], "message": "ok",
    }));
    assert!(text.contains("host.cores") && text.contains("message"));
    assert!(text.find("message").unwrap() < text.find("web-1").unwrap());
    assert!(text.contains("servers:"));
}

#[test]
fn texts_of_several_lines_keep_them() {
    let text = describe(&json!({"provider_conf": "a:\n  b: 1\n", "profile_conf": "c: 2\n"}));
    assert!(text.contains("provider conf:\na:\n  b: 1\n"), "{text}");
}

#[test]
fn what_a_host_says_cannot_steer_the_terminal() {
    let text = describe(&json!({"servers": [{"hostname": "a\x1b[2J"}]}));
    assert!(!text.contains('\x1b'));
}

#[test]
fn what_is_to_be_copied_is_on_one_line() {
    let fingerprint = ["ab"; 200].join(":");
    let text = describe(&json!({"fingerprint": fingerprint, "bits": 4096}));
    assert!(text.contains(&fingerprint), "{text}");
}

#[test]
fn lists_and_blocks_stand_below_wherever_they_are() {
    let text = describe(&json!({
        "steps": ["make an overlay", "define the domain"],
        "ca": {"created": true, "files": [{"path": "a", "private": false}, {"path": "b", "private": true}]},
        "minion": {"public_key": "-----BEGIN\nAAAA\n-----END\n", "id": "m"},
        "plan": {"domain_xml": "<domain/>", "size": "s"},
    }));
    let lines: Vec<_> = text.lines().map(str::trim).collect();
    let after = |heading: &str| {
        let at = lines
            .iter()
            .position(|line| *line == heading)
            .expect(heading);
        &lines[at + 1..]
    };
    assert_eq!(
        after("steps:")[..2],
        ["make an overlay", "define the domain"]
    );
    assert_eq!(
        after("minion.public key:")[..3],
        ["-----BEGIN", "AAAA", "-----END"]
    );
    assert_eq!(
        after("ca.files:")[..3],
        ["PATH  PRIVATE", "a     no", "b     yes"]
    );
    assert!(text.starts_with("ca.created"), "{text}");
    assert!(!text.contains("<domain"), "{text}");
}

#[test]
fn lists_within_records_follow_their_table() {
    let text = describe(&json!({"clients": [{"subject": "CN=a", "files": [{"path": "x"}]}]}));
    let lines: Vec<_> = text.lines().map(str::trim).collect();
    assert_eq!(
        lines,
        ["SUBJECT", "CN=a", "files of clients 1:", "PATH", "x"]
    );
}

#[test]
fn steps_show_the_choices_that_are_known() {
    let field = json!({"id": "host_protocol", "name": "Protocol", "type": "options", "blank": false,
        "option_choices": ["qemu", {"const": "t", "title": "test"}]});
    let text = describe(&json!({"steps": [{"name": "Provider info", "fields": [field]}]}));
    assert!(
        text.contains("CHOICES") && text.contains("qemu, test"),
        "{text}"
    );
}

#[test]
fn amounts_are_for_people() {
    let text = describe(&json!({
        "used_ram": 1,
        "ram": {"used": 1, "free": 3, "max": 4},
        "cpus": {"used": 2, "free": 9_007_199_254_740_991_u64, "max": 9_007_199_254_740_991_u64, "unlimited": true},
        "disk": {"used": 0, "free": 0, "max": 0, "unknown": true},
        "image": {"virtual_size": 2_147_483_648_u64},
    }));
    for line in [
        "used ram MiB        1",
        "ram MiB             1 of 4 used, 3 free",
        "cpus                2 used, unlimited",
        "disk GiB            unknown",
        "image.virtual size  2.00 GiB",
    ] {
        assert!(text.contains(line), "{text}");
    }
}

#[test]
fn twins_have_their_ids_and_wide_tables_everything() {
    let image = |name: &str, id: &str| json!({"name": name, "id": id, "format": "raw"});
    let images = json!({"images": [image("b10", "1"), image("b9", "2"), image("b9", "3")]});
    assert_eq!(
        describe(&images),
        "NAME  ID  FORMAT\nb9    2   raw\nb9    3   raw\nb10   1   raw\n"
    );
    let one = json!({"images": [image("a", "/pool/a")]});
    assert!(!describe(&one).contains("/pool/a"));
    let wide = Look {
        wide: true,
        ..Look::default()
    };
    assert!(super::describe(&one, wide).contains("/pool/a"));
}

#[test]
fn a_narrow_terminal_has_the_first_columns_and_whole_words() {
    let narrow = Look {
        width: Some(40),
        ..Look::default()
    };
    let server = json!({"hostname": "web-1", "status": "ACTIVE", "ip": "192.168.122.34", "size": "va-medium",
        "used_cpu": 2, "used_ram": 8192, "used_disk": 20});
    let value = json!({"message": "a sentence that goes on for more than forty columns", "servers": [server]});
    let text = super::describe(&value, narrow);
    assert!(text.lines().all(|line| line.len() <= 40), "{text}");
    assert!(text.contains("web-1  ACTIVE  192.168.122.34"), "{text}");
    assert!(
        text.contains("\n         more than forty columns"),
        "{text}"
    );
}

#[test]
fn drivers_are_listed_without_their_forms() {
    let driver = json!({"id": "libvirt", "friendly_name": "LibVirt", "steps": [{"name": "one", "fields": []}]});
    assert_eq!(
        describe(&json!({"drivers": [driver]})),
        "ID       NAME\nlibvirt  LibVirt\n"
    );
}

#[test]
fn the_lists_of_a_record_say_whose_they_are() {
    let server = json!({"name": "web", "hostname": "web", "interfaces": [{"mac": "m"}]});
    let text = describe(&json!({"servers": [server]}));
    assert!(text.contains("\ninterfaces of web:\n"), "{text}");
}

#[test]
fn a_name_is_one_line_of_a_table() {
    let row = json!({"hostname": "a\nweb-2  active\t1", "tags": {"x\u{202e}": "b\nc"}});
    let text = describe(&json!({"servers": [row], "message": "d\u{202e}e"}));
    assert!(!text.contains('\u{202e}'), "{text}");
    let rows: Vec<_> = text.lines().filter(|line| line.contains("web-2")).collect();
    assert!(rows.len() == 1 && rows[0].starts_with("a web-2"), "{text}");
}

#[test]
fn an_age_is_in_the_largest_unit_that_fits() {
    let now = OffsetDateTime::parse("2026-11-28T12:00:00Z", &Rfc3339).unwrap();
    for (at, shown) in [
        ("2026-11-28T11:59:18Z", "42s"),
        ("2026-11-28T11:00:01Z", "59m"),
        ("2026-11-27T13:00:00+01:00", "1d"),
        ("2024-01-01T00:00:00.5Z", "2y"),
        ("2026-11-28T13:00:00Z", "0s"),
        ("yesterday", "yesterday"),
    ] {
        assert_eq!(age(at, now), shown);
    }
}
