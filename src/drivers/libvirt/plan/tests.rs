mod digest;
mod element;
mod machines;
mod record;
mod refusals;
mod text;
mod valid;

use serde_json::{Value, json};
use uuid::Uuid;

use super::hypervisor::Hypervisor;
use super::{Facts, Made, Plan, PoolFacts, Request, plan};
use crate::drivers::libvirt::settings::Settings;
use crate::drivers::libvirt::xml::{from_xml, to_xml};
use crate::drivers::minion::Keys;
use crate::{Error, Kind, Result, Secret};
use element::Element;

use crate::units::GIB;
const ID: Uuid = Uuid::from_u128(0x1234_5678_0000_4000_8000_0000_0000_0001);

fn settings(more: Value) -> Settings {
    let mut provider = json!({
        "provider_name": "kvm",
        "uri": "qemu:///system",
        "defaults": {"network": "lan", "image": "debian.qcow2", "size": "va-small"},
    });
    let Value::Object(more) = more else {
        unreachable!()
    };
    provider.as_object_mut().unwrap().extend(more);
    Settings::read(&serde_json::from_value(provider).unwrap()).unwrap()
}

fn pool(kind: &str, available: u64) -> PoolFacts {
    let xml = format!(
        "<pool type='{kind}'><name>default</name><source><host name='mon1' port='6789'/><host name='mon2'/>\
         <name>vms</name><auth type='ceph' username='libvirt'><secret uuid='{ID}'/></auth></source></pool>"
    );
    PoolFacts {
        view: from_xml("a pool", &xml).unwrap(),
        available,
    }
}

fn facts_with(kind: &str, available: u64) -> Facts {
    let mut facts = facts();
    facts.pools.insert("default".into(), pool(kind, available));
    facts
}

fn facts() -> Facts {
    Facts {
        hypervisor: Hypervisor {
            domain_type: "kvm".into(),
            arch: Some("x86_64".into()),
            machine: Some("q35".into()),
            efi: false,
            secure_boot: false,
            cpu: Some("host-passthrough".into()),
            emulated_cpu: Some("maximum".into()),
            may_fall_back: true,
        },
        pools: ["default", "big"]
            .map(|name| (name.to_owned(), pool("dir", 10 * GIB)))
            .into(),
        seed_pool: "default".into(),
        image_path: "/images/debian.qcow2".into(),
        image_format: "qcow2".into(),
        image_in_cluster: false,
        image_size: 2 * GIB,
        image_allocation: GIB,
        warnings: Vec::new(),
    }
}

/// A plan and what it was made from.
struct Planned {
    settings: Settings,
    request: Request,
    facts: Facts,
    plan: Plan,
}

fn request(settings: &Settings, more: Value) -> Result<Request> {
    let mut spec = json!({"server_name": "web1"});
    let Value::Object(more) = more else {
        unreachable!()
    };
    spec.as_object_mut().unwrap().extend(more);
    let spec = serde_json::from_value(spec).unwrap();
    let server = super::MEMBERS.check(&spec, &[])?;
    Request::read(settings, &server)
}

fn planned_on(settings: Settings, facts: Facts, server: Value) -> Result<Planned> {
    let request = request(&settings, server)?;
    let plan = plan(&settings, &request, &facts, ID)?;
    Ok(Planned {
        settings,
        request,
        facts,
        plan,
    })
}

fn planned(server: Value) -> Planned {
    planned_on(settings(json!({})), facts(), server).unwrap()
}

fn refused(facts: Facts, server: Value) -> Error {
    let made = planned_on(settings(json!({})), facts, server);
    made.err().expect("a refusal")
}

impl Planned {
    /// The domain's XML, with the volumes' paths below `folder`.
    fn xml_in(&self, folder: &str) -> String {
        let paths: Vec<_> = self
            .plan
            .volumes()
            .map(|(_, name)| format!("{folder}/{name}"))
            .collect();
        let keys = Keys {
            public: "PUBLIC".into(),
            private: Secret::new("PRIVATE".into()),
            fingerprint: "aa:bb".into(),
        };
        let made = Made {
            keys: self.request.minion_id.as_ref().map(|_| &keys),
            paths: &paths,
            ..Made::default()
        };
        self.plan
            .definition(&self.settings, &self.request, &self.facts, &made)
            .unwrap()
    }

    fn domain(&self) -> Element {
        Element::parse(&self.xml_in("/guests"))
    }

    fn root(&self) -> Element {
        Element::parse(&to_xml(&self.plan.root.xml).unwrap())
    }
}

#[test]
fn a_linked_root_disk_is_an_overlay_whose_backing_format_is_stated() {
    let made = planned(json!({}));
    let volume = made.root();
    assert_eq!(volume.at("name"), "web1.12345678.root.qcow2");
    assert_eq!(volume.at("target/format@type"), "qcow2");
    assert_eq!(volume.at("target/permissions/mode"), "0600");
    assert_eq!(volume.at("capacity"), (5 * GIB).to_string());
    assert_eq!(volume.at("capacity@unit"), "bytes");
    assert_eq!(volume.at("backingStore/path"), "/images/debian.qcow2");
    assert_eq!(volume.at("backingStore/format@type"), "qcow2");

    let domain = made.domain();
    let disk = domain.all("devices/disk")[0];
    assert_eq!(
        (disk.attribute("type"), disk.attribute("device")),
        ("file", "disk")
    );
    assert_eq!(disk.at("driver@type"), "qcow2");
    assert_eq!(disk.at("source@file"), "/guests/web1.12345678.root.qcow2");
    assert_eq!(
        (disk.at("target@dev"), disk.at("target@bus")),
        ("vda", "virtio")
    );
    assert!(disk.has_no("readonly"));
}

#[test]
fn a_full_root_disk_stands_alone_and_may_be_a_block_device() {
    assert!(
        planned(json!({"clone": "full"}))
            .root()
            .has_no("backingStore")
    );

    let block = facts_with("logical", 10 * GIB);
    let made = planned_on(settings(json!({})), block, json!({"clone": "full"})).unwrap();
    let volume = made.root();
    assert_eq!(volume.at("target/format@type"), "raw");
    assert!(volume.has_no("backingStore"));
    let domain = Element::parse(&made.xml_in("/dev/vg"));
    let disk = domain.all("devices/disk")[0];
    assert_eq!(disk.attribute("type"), "block");
    assert_eq!(disk.at("driver@type"), "raw");
    assert_eq!(disk.at("source@dev"), "/dev/vg/web1.12345678.root.img");

    let network = Element::parse(&made.xml_in("rbd:guests"));
    let disk = network.all("devices/disk")[0];
    assert_eq!(disk.attribute("type"), "volume");
    assert_eq!(disk.at("source@pool"), "default");
    assert_eq!(disk.at("source@volume"), "web1.12345678.root.img");
}

#[test]
fn each_disk_is_what_its_own_pool_holds() {
    for (kind, of_root, of_data) in [("dir", "qcow2", "raw"), ("logical", "raw", "qcow2")] {
        let other = if kind == "dir" { "logical" } else { "dir" };
        let mut facts = facts_with(kind, 10 * GIB);
        facts.pools.insert("big".into(), pool(other, 10 * GIB));
        let spec = json!({"clone": "full", "disks": [{"size": 7, "pool": "big"}]});
        let made = planned_on(settings(json!({})), facts, spec).unwrap();
        let data = Element::parse(&to_xml(&made.plan.data[0].xml).unwrap());
        let formats = [
            made.root().at("target/format@type"),
            data.at("target/format@type"),
        ]
        .map(ToOwned::to_owned);
        assert_eq!(formats, [of_root, of_data]);
        // raw ones are whole: nothing says that they take less
        assert_eq!(data.has_no("allocation"), of_data == "raw");
        let domain = Element::parse(&made.xml_in("/p"));
        let disks = domain.all("devices/disk");
        assert_eq!(
            [0, 1].map(|disk| disks[disk].at("driver@type")),
            [of_root, of_data]
        );
        assert_eq!(made.plan.data[0].name.contains(".img"), of_data == "raw");
    }
}

#[test]
fn a_clusters_disks_are_asked_of_it_by_the_guest_and_its_seed_is_elsewhere() {
    let mut facts = facts_with("rbd", 10 * GIB);
    facts.seed_pool = "big".into();
    facts.image_in_cluster = true;
    let on_cluster = settings(json!({"image_pool": "default"}));
    let made = planned_on(on_cluster, facts.clone(), json!({"storage_disk": 900})).unwrap();
    assert!(made.root().has_no("backingStore"));
    let domain = Element::parse(&made.xml_in("vms"));
    let disks = domain.all("devices/disk");
    for (disk, name) in [(disks[0], "root"), (disks[1], "data1")] {
        assert_eq!(disk.attribute("type"), "network");
        assert_eq!(disk.at("driver@type"), "raw");
        assert_eq!(disk.at("source@protocol"), "rbd");
        assert_eq!(
            disk.at("source@name"),
            format!("vms/web1.12345678.{name}.img")
        );
        assert_eq!(disk.all("source/host")[0].attribute("port"), "6789");
        assert_eq!(disk.all("source/host").len(), 2);
        assert_eq!(disk.at("source/auth@username"), "libvirt");
        assert_eq!(disk.at("source/auth/secret@type"), "ceph");
        assert_eq!(disk.at("source/auth/secret@uuid"), ID.to_string());
    }
    assert_eq!(made.plan.seed_pool, "big");
    assert_ne!(disks[2].attribute("type"), "network");

    let server = || json!({"clone": "full"});
    let refused = |images: &str, facts: &Facts| {
        let images = settings(json!({"image_pool": images}));
        let error = planned_on(images, facts.clone(), server()).err().unwrap();
        assert_eq!(error.kind(), Kind::Unsupported, "{error}");
        assert_eq!(error.field(), Some("/server/pool"), "{error}");
    };
    refused("big", &facts);
    facts.image_in_cluster = false;
    refused("big", &facts);
    // nor does an image come out of a cluster
    let mut beside = facts_with("dir", 10 * GIB);
    beside.image_in_cluster = true;
    refused("big", &beside);
}

#[test]
fn extra_disks_lie_between_the_root_disk_and_the_seed() {
    let made = planned(
        json!({"storage_disk": 3, "disks": [{"size": "7", "pool": "big"}], "seed": {"bus": "virtio"}}),
    );
    let capacities: Vec<_> = made
        .plan
        .data
        .iter()
        .map(|disk| (disk.pool.as_str(), disk.capacity))
        .collect();
    assert_eq!(capacities, [("default", 3 * GIB), ("big", 7 * GIB)]);
    let domain = made.domain();
    let disks = domain.all("devices/disk");
    let targets: Vec<_> = disks.iter().map(|disk| disk.at("target@dev")).collect();
    assert_eq!(targets, ["vda", "vdb", "vdc", "vdd"]);
    assert_eq!(
        disks[2].at("source@file"),
        "/guests/web1.12345678.data2.qcow2"
    );
}

#[test]
fn the_seed_is_read_only_raw_and_on_the_bus_that_was_asked_for() {
    for (bus, device, dev, controller) in [
        (Value::Null, "cdrom", "sda", true),
        (json!("scsi"), "cdrom", "sda", true),
        (json!("sata"), "cdrom", "sda", false),
        (json!("ide"), "cdrom", "hdc", false),
        (json!("virtio"), "disk", "vdb", false),
    ] {
        let mut pc = facts();
        pc.hypervisor.machine = Some("pc".into());
        let made = planned_on(settings(json!({})), pc, json!({"seed": {"bus": bus}})).unwrap();
        let domain = made.domain();
        let seed = domain.all("devices/disk")[1];
        assert_eq!(seed.attribute("device"), device, "{bus}");
        assert_eq!(seed.at("target@dev"), dev);
        assert_eq!(seed.at("target@bus"), bus.as_str().unwrap_or("scsi"));
        assert_eq!(seed.at("driver@type"), "raw");
        assert_eq!(seed.at("source@file"), "/guests/web1.12345678.seed.iso");
        assert!(!seed.has_no("readonly"));
        let controllers = domain.all("devices/controller");
        assert_eq!(controllers.len(), usize::from(controller), "{bus}");
        assert!(
            controllers
                .iter()
                .all(|it| it.attribute("model") == "virtio-scsi")
        );
    }
    let error = refused(facts(), json!({"seed": {"bus": "ide"}}));
    assert_eq!(error.field(), Some("/server/seed/bus"));
}

#[test]
fn interfaces_keep_their_order_and_each_has_its_address() {
    let made = planned(json!({"networks": [
        "default|1-2",
        {"bridge": "br0", "mac": "52-54-00-AA-BB-CC", "model": "e1000e", "addresses": ["192.0.2.7/24", "2001:db8::7/64"]},
        {"macvtap": "eth1"},
        {"user": true},
    ]}));
    let domain = made.domain();
    let nics = domain.all("devices/interface");
    let kinds: Vec<_> = nics.iter().map(|nic| nic.attribute("type")).collect();
    assert_eq!(kinds, ["network", "bridge", "direct", "user"]);
    assert_eq!(nics[0].at("source@network"), "default");
    assert_eq!(nics[0].at("model@type"), "virtio");
    assert_eq!(nics[1].at("source@bridge"), "br0");
    assert_eq!(nics[1].at("mac@address"), "52:54:00:aa:bb:cc");
    assert_eq!(nics[1].at("model@type"), "e1000e");
    assert_eq!(
        (nics[2].at("source@dev"), nics[2].at("source@mode")),
        ("eth1", "bridge")
    );
    assert!(nics[3].has_no("source"));
    for index in [0, 2, 3] {
        assert_eq!(nics[index].at("mac@address"), super::derived_mac(ID, index));
    }
    let addresses = domain.all("metadata/va:server/va:address");
    let addresses: Vec<_> = addresses.iter().map(|it| it.text.as_str()).collect();
    assert_eq!(addresses, ["192.0.2.7", "2001:db8::7"]);

    let usual = planned(json!({})).domain();
    assert_eq!(usual.at("devices/interface/source@network"), "lan");
}

#[test]
fn machine_firmware_and_processor_are_those_that_were_chosen() {
    for (machine, efi) in [("q35", false), ("pc", true)] {
        let mut chosen = facts();
        chosen.hypervisor.machine = Some(machine.into());
        chosen.hypervisor.efi = efi;
        let domain = planned_on(settings(json!({})), chosen, json!({}))
            .unwrap()
            .domain();
        assert_eq!(domain.attribute("type"), "kvm");
        assert_eq!(
            (domain.at("os/type"), domain.at("os/type@machine")),
            ("hvm", machine)
        );
        assert_eq!(domain.at("os@firmware"), if efi { "efi" } else { "" });
        let features = domain.all("os/firmware/feature");
        let features: Vec<_> = features
            .iter()
            .map(|it| (it.attribute("name"), it.attribute("enabled")))
            .collect();
        assert_eq!(
            features,
            if efi {
                vec![("secure-boot", "no")]
            } else {
                Vec::new()
            }
        );
        assert_eq!(domain.at("cpu@mode"), "host-passthrough");
        assert!(!domain.has_no("features/acpi") && !domain.has_no("features/apic"));
    }
    let mut arm = facts();
    arm.hypervisor.arch = Some("aarch64".into());
    arm.hypervisor.cpu = Some("cortex-a72".into());
    let domain = planned_on(settings(json!({})), arm, json!({}))
        .unwrap()
        .domain();
    assert!(domain.has_no("features/apic"));
    assert_eq!(
        (domain.at("cpu@mode"), domain.at("cpu/model")),
        ("custom", "cortex-a72")
    );
}

#[test]
fn the_size_is_memory_and_processors() {
    let sized = settings(json!({"flavours": {"va-small": {
        "num_cpus": 3, "memory": 524_288, "max_memory": 1_048_576, "vol_capacity": 2,
    }}}));
    let domain = planned_on(sized, facts(), json!({})).unwrap().domain();
    assert_eq!(domain.at("vcpu"), "3");
    assert_eq!(
        (domain.at("memory"), domain.at("memory@unit")),
        ("1048576", "KiB")
    );
    assert_eq!(
        (domain.at("currentMemory"), domain.at("currentMemory@unit")),
        ("524288", "KiB")
    );
}

#[test]
fn consoles_are_on_loopback_or_absent() {
    let domain = planned(json!({})).domain();
    assert_eq!(domain.at("devices/graphics@type"), "vnc");
    assert_eq!(domain.at("devices/graphics@listen"), "127.0.0.1");
    assert_eq!(domain.at("devices/graphics@autoport"), "yes");
    assert_eq!(domain.at("devices/video/model@type"), "virtio");
    assert!(domain.has_no("devices/serial/log"));

    let logged = settings(json!({"graphics": "none", "console_log": "/var/log/guests/"}));
    let domain = planned_on(logged, facts(), json!({})).unwrap().domain();
    assert!(domain.has_no("devices/graphics") && domain.has_no("devices/video"));
    assert_eq!(
        domain.at("devices/serial/log@file"),
        "/var/log/guests/web1.log"
    );
}

#[test]
fn libvirts_test_driver_gets_nothing_that_it_does_not_know() {
    let mut test = facts();
    test.hypervisor = Hypervisor::test();
    let logged = settings(json!({"console_log": "/var/log"}));
    let domain = planned_on(logged, test, json!({})).unwrap().domain();
    assert_eq!(domain.attribute("type"), "test");
    for path in ["channel", "rng", "video", "controller", "serial/log"] {
        assert!(domain.has_no(&format!("devices/{path}")), "{path}");
    }
}
