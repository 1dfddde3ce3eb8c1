use super::lay_over;

const DOMAIN: &str = "<domain type=\"kvm\"><name>web1</name><vcpu>1</vcpu><os><type>hvm</type><boot dev=\"hd\"/></os>\
    <cpu mode=\"maximum\"/><devices>\
    <disk type=\"file\"><source file=\"/a\"/><target dev=\"vda\" bus=\"virtio\"/></disk>\
    <disk type=\"file\"><source file=\"/b\"/><target dev=\"vdb\" bus=\"virtio\"/></disk>\
    <interface type=\"network\"><mac address=\"52:54:00:00:00:01\"/></interface>\
    <interface type=\"network\"><mac address=\"52:54:00:00:00:02\"/></interface>\
    <graphics type=\"vnc\"/></devices></domain>";

fn laid(fragment: &str) -> String {
    lay_over(DOMAIN, &format!("<domain>{fragment}</domain>")).unwrap()
}

#[test]
fn what_is_there_is_changed_and_what_is_not_is_added() {
    let all = laid(
        "<memoryBacking><hugepages/></memoryBacking>\
         <cpu mode=\"host-model\"><topology sockets=\"1\" cores=\"2\" threads=\"1\"/></cpu>\
         <devices><disk><driver cache=\"none\"/><target dev=\"vdb\"/></disk>\
         <interface><mac address=\"52:54:00:00:00:02\"/><link state=\"down\"/></interface>\
         <interface type=\"hostdev\"/><graphics type=\"spice\"/><hostdev id=\"1\"/><hostdev id=\"2\"/></devices>",
    );
    for part in [
        "<memoryBacking><hugepages/></memoryBacking>",
        "<cpu mode=\"host-model\"><topology sockets=\"1\" cores=\"2\" threads=\"1\"/></cpu>",
        "<source file=\"/a\"/><target dev=\"vda\" bus=\"virtio\"/></disk>",
        "<source file=\"/b\"/><target dev=\"vdb\" bus=\"virtio\"/><driver cache=\"none\"/></disk>",
        "<mac address=\"52:54:00:00:00:01\"/></interface>",
        "<mac address=\"52:54:00:00:00:02\"/><link state=\"down\"/></interface>",
        "<graphics type=\"vnc\"/>",
        "<interface type=\"hostdev\"/><graphics type=\"spice\"/><hostdev id=\"1\"/><hostdev id=\"2\"/>",
    ] {
        assert!(all.contains(part), "{part} in {all}");
    }
}

#[test]
fn an_order_of_devices_takes_the_place_of_the_usual_one() {
    let all = laid("<devices><disk><target dev=\"vda\"/><boot order=\"1\"/></disk></devices>");
    assert!(all.contains("<os><type>hvm</type></os>"), "{all}");
}

#[test]
fn what_is_known_by_other_means_is_refused() {
    for (fragment, why) in [
        ("<name>other</name>", "server_name"),
        ("<uuid>1</uuid>", "its own"),
        ("<metadata/>", "record"),
        ("<memory>1</memory>", "size"),
        ("<vcpu>4</vcpu>", "size"),
        ("<os><nvram>/etc/passwd</nvram></os>", "firmware"),
        (
            "<devices><disk><target dev=\"vda\"/><source file=\"/etc/shadow\"/></disk></devices>",
            "disks are",
        ),
        (
            "<devices><disk><target dev=\"vdz\"/></disk></devices>",
            "by disks",
        ),
        (
            "<devices><disk><target dev=\"vda\"/></disk><disk><target dev=\"vda\"/></disk></devices>",
            "by disks",
        ),
        ("<qemu:commandline xmlns:qemu=\"urn:x\"/>", "namespace"),
        ("<os", "not XML"),
    ] {
        let error = lay_over(DOMAIN, &format!("<domain>{fragment}</domain>")).unwrap_err();
        assert!(error.contains(why), "{fragment}: {error}");
    }
    for fragment in [
        "<cpu/>",
        "<domain type=\"test\"/>",
        "<domain xmlns=\"x\"/>",
        "",
    ] {
        assert!(lay_over(DOMAIN, fragment).is_err(), "{fragment}");
    }
    assert!(lay_over(DOMAIN, &format!("<domain>{}</domain>", " ".repeat(70_000))).is_err());
}

#[test]
fn a_text_that_is_too_long_is_not_even_read() {
    let domain = "<domain><devices/></domain>";
    let fragment = |bytes: usize| format!("<domain><!--{}--></domain>", "x".repeat(bytes - 24));
    assert!(super::lay_over(domain, &fragment(super::LONGEST)).is_ok());
    let error = super::lay_over(domain, &fragment(super::LONGEST + 1)).unwrap_err();
    assert!(error.contains("65536 bytes"), "{error}");
    let nested = |deep: usize| {
        let (open, close) = ("<a>".repeat(deep - 1), "</a>".repeat(deep - 1));
        format!("<domain>{open}{close}</domain>")
    };
    assert!(super::lay_over(domain, &nested(32)).is_ok());
    assert!(super::lay_over(domain, &nested(33)).is_err());
}
