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
