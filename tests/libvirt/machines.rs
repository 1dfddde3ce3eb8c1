//! Machines beyond the usual: buses, Secure Boot, a TPM, cards, a domain of one's own.

use serde_json::json;

use crate::boot::about;
use crate::common::bed::Bed;
use crate::common::master::Master;
use crate::guest_console::Seen;

#[test]
fn a_machine_is_what_it_is_asked_to_be_and_leaves_nothing() {
    let Some(bed) = Bed::system() else { return };
    let master = Master::new();
    let spec = json!({
        "server_name": "odd",
        "disk_bus": "scsi",
        "storage_disk": 1,
        "autostart": true,
        "networks": [{"network": bed.env("VA_NETWORK"), "mtu": 1400}, "user"],
        "domain_xml": "<domain><description>laid over</description>\
            <devices><memballoon model='virtio'><stats period='5'/></memballoon></devices></domain>",
    });
    let request = json!({"provider": bed.provider(), "server": spec});
    master.ok("server.create", &request);
    assert_eq!(Seen::by(bed, "odd").get("hostname"), "odd");
    let xml = bed.virsh(&["dumpxml", "--inactive", "odd"]);
    for part in [
        "<description>laid over</description>",
        "<stats period='5'/>",
        "<mtu size='1400'/>",
        "<target dev='sdb' bus='scsi'/>",
        "<cpu mode='maximum'",
    ] {
        assert!(xml.contains(part), "{part} in {xml}");
    }
    assert!(
        bed.virsh(&["dominfo", "odd"])
            .contains("Autostart:      enable")
    );
    // the same again changes nothing, another domain_xml is another server
    assert_eq!(master.ok("server.create", &request)["created"], false);
    let mut other = request.clone();
    other["server"]["domain_xml"] = json!("<domain><description>other</description></domain>");
    master.fails("already_exists", "server.create", &other);
    master.ok("server.delete", &about(bed, "odd"));
    assert_eq!(bed.leftovers("odd"), [""; 0]);
}

#[test]
fn secure_boot_and_a_tpm_are_there_and_go_with_the_server() {
    let Some(bed) = Bed::system() else { return };
    let master = Master::new();
    let spec = json!({"server_name": "signed", "secure_boot": true, "tpm": true});
    let request = json!({"provider": bed.provider(), "server": spec});
    master.ok("server.create", &request);
    let xml = bed.virsh(&["dumpxml", "signed"]);
    assert!(
        xml.contains("secure='yes'") && xml.contains("<smm state='on'/>"),
        "{xml}"
    );
    assert!(
        xml.contains("<backend type='emulator' version='2.0'"),
        "{xml}"
    );
    assert!(bed.nvram().join("signed_VARS.fd").exists());
    master.ok("server.delete", &about(bed, "signed"));
    assert_eq!(bed.leftovers("signed"), [""; 0]);
}

#[test]
fn what_the_host_does_not_have_is_refused_before_anything_is_made() {
    let Some(bed) = Bed::system() else { return };
    let master = Master::new();
    for (more, kind, field) in [
        (
            json!({"network": "bridge:va-nosuch"}),
            "not_found",
            "/server/network",
        ),
        (
            json!({"network": "macvtap:va-nosuch"}),
            "not_found",
            "/server/network",
        ),
        (json!({"cpu": "Pentium9"}), "invalid_field", "/server/cpu"),
        (
            json!({"machine": "nosuch"}),
            "invalid_field",
            "/server/machine",
        ),
        (json!({"arch": "alpha"}), "invalid_field", "/server/arch"),
        (
            json!({"domain_xml": "<domain><os><nvram>/etc/passwd</nvram></os></domain>"}),
            "invalid_field",
            "/server/domain_xml",
        ),
    ] {
        let mut spec = json!({"server_name": "refused"});
        spec.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        let request = json!({"provider": bed.provider(), "server": spec});
        for method in ["server.plan", "server.create"] {
            let error = master.fails(kind, method, &request);
            assert_eq!(error["data"]["field"], field, "{error}");
        }
        assert_eq!(bed.leftovers("refused"), [""; 0]);
    }
    // libvirt itself refuses this one, when all volumes are made
    let spec = json!({"server_name": "refused", "domain_xml": "<domain><devices><nosuch/></devices></domain>"});
    let request = json!({"provider": bed.provider(), "server": spec});
    let error = master.fails("invalid_field", "server.create", &request);
    assert_eq!(error["data"]["field"], "/server/domain_xml", "{error}");
    assert_eq!(bed.leftovers("refused"), [""; 0]);
}

#[test]
fn a_server_that_is_off_gets_another_size() {
    let Some(bed) = Bed::system() else { return };
    let master = Master::new();
    let mut provider = bed.provider();
    provider["flavours"]["va-larger"] =
        json!({"num_cpus": 2, "memory": "320MiB", "vol_capacity": 3});
    let resize = |size: &str| json!({"provider": provider, "server_name": "grows", "action": "resize", "size": size});
    let request = json!({"provider": provider, "server": {"server_name": "grows"}});
    master.ok("server.create", &request);
    let error = master.fails("conflict", "server.action", &resize("va-larger"));
    assert!(
        error["message"].as_str().unwrap().contains("stop it"),
        "{error}"
    );
    let stop =
        json!({"provider": provider, "server_name": "grows", "action": "stop", "timeout": 0});
    master.ok("server.action", &stop);
    let done = master.ok("server.action", &resize("va-larger"));
    assert_eq!(
        (&done["changed"], &done["server"]["size"]),
        (&json!(true), &json!("va-larger"))
    );
    let xml = bed.virsh(&["dumpxml", "grows"]);
    assert!(
        xml.contains(">2</vcpu>") && xml.contains("<memory unit='KiB'>327680</memory>"),
        "{xml}"
    );
    let blocks = bed.virsh(&["domblkinfo", "grows", "vda"]);
    assert!(blocks.contains(&(3_u64 << 30).to_string()), "{blocks}");
    assert_eq!(
        master.ok("server.action", &resize("va-larger"))["changed"],
        false
    );
    let error = master.fails("invalid_field", "server.action", &resize("tiny"));
    assert_eq!(error["data"]["field"], "/size", "{error}");
    master.fails("not_found", "server.action", &resize("nosuch"));
    master.ok("server.delete", &about(bed, "grows"));
    assert_eq!(bed.leftovers("grows"), [""; 0]);
}
