use super::*;

#[test]
fn our_names_are_told_from_others() {
    let id = Uuid::from_u128(7 << 100);
    for name in [
        root("a.b", id, "qcow2"),
        root("a", id, "raw"),
        data("a", id, 12, "qcow2"),
        seed("a", id),
    ] {
        assert!(is_ours(&name), "{name}");
    }
    for name in [
        "debian.qcow2",
        "a.root.qcow2",
        "a.12345678.root.vmdk",
        "a.1234567z.seed.iso",
        "12345678.root.img",
    ] {
        assert!(!is_ours(name), "{name}");
    }
}

#[test]
fn a_marker_tells_its_image() {
    let marker = import_marker(Uuid::new_v4(), "a.b.qcow2");
    assert_eq!(imported_image(&marker), Some("a.b.qcow2"));
    assert!(is_ours(&marker) && !is_servers(&marker));
    let longest = import_marker(Uuid::new_v4(), &"x".repeat(LONGEST_IMAGE));
    assert_eq!(longest.len(), 255);
    for name in [
        "va-import.qcow2",
        "va-import.123.a",
        "va-import.",
        &marker[..43],
    ] {
        assert_eq!(imported_image(name), None, "{name}");
    }
}

#[test]
fn a_day_is_told_from_the_digits_of_a_uuid() {
    for day in ["20261127", "19991231"] {
        assert!(is_date(day), "{day}");
    }
    for digits in [
        "20261327", "20260132", "2026112a", "10261127", "0123abcd", "",
    ] {
        assert!(!is_date(digits), "{digits}");
    }
}
