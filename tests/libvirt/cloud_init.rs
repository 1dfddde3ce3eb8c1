//! Debian with cloud-init itself, on the seeds of servers with several cards: which addresses and routes it has then.

use std::fs;
use std::process::Command;
use std::sync::Once;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::boot::about;
use crate::common::bed::{Bed, image};
use crate::common::master::Master;

const IMAGE: &str = "debian.qcow2";

/// Done once: guests stand on it.
static COPIED: Once = Once::new();

/// What the guest says of its network, again and again until all of it is there.
const SAYS: &str = r#"#cloud-config
runcmd:
  - - sh
    - -c
    - |
      while sleep 2; do
        {
          ip -4 -o addr show scope global | awk '{ print "net: " $2 " " $4 }'
          ip -4 route show proto static | sed 's/^/net: /'
          echo net: .
        } > /dev/ttyS0
        ping -c 1 -W 1 10.218.42.1 > /dev/null
      done &
"#;

/// A bed with that image in its pool, and a second network, of which no other test's server is.
struct Hosts {
    bed: &'static Bed,
    master: Master,
    second: &'static str,
}

impl Hosts {
    fn new(second: &'static str, subnet: &str) -> Option<Self> {
        let bed = Bed::system()?;
        COPIED.call_once(|| {
            fs::copy(image::debian(), bed.pool().join(IMAGE)).unwrap();
            bed.refresh();
        });
        let xml = format!(
            "<network><name>{second}</name><ip address='{subnet}.1' netmask='255.255.255.0'>\
             <dhcp><range start='{subnet}.2' end='{subnet}.99'/></dhcp></ip></network>"
        );
        bed.define("net-define", &xml);
        bed.virsh(&["net-start", second]);
        Some(Self {
            bed,
            master: Master::new(),
            second,
        })
    }

    fn create(&self, mut server: Value) {
        server["image"] = json!(IMAGE);
        server["size"] = json!("roomy");
        server["user_data"] = json!(SAYS);
        let request = json!({"provider": self.bed.provider(), "server": server});
        self.master.ok("server.create", &request);
    }

    /// Waits until what `server` says at once has all of `parts`.
    fn says(&self, server: &str, parts: &[&str]) {
        let begun = Instant::now();
        loop {
            let console = self.bed.console(server);
            let said: Vec<_> = console.split("net: .").collect();
            let has_all = |said: &str| parts.iter().all(|part| said.contains(part));
            if said.iter().any(|said| has_all(said)) {
                return;
            }
            assert!(
                begun.elapsed() < Duration::from_secs(900),
                "{parts:?}: {console}"
            );
            std::thread::sleep(Duration::from_millis(500));
        }
    }

    fn ends(self, server: &str) {
        self.master.ok("server.delete", &about(self.bed, server));
        assert_eq!(self.bed.leftovers(server), [""; 0]);
        self.bed.virsh(&["net-destroy", self.second]);
        self.bed.virsh(&["net-undefine", self.second]);
    }
}

#[test]
#[ignore = "boots Debian, which takes minutes: make test-debian"]
fn every_card_has_its_address_and_static_routes_lead_where_they_should() {
    let Some(hosts) = Hosts::new("second", "10.218.1") else {
        return;
    };
    let first = hosts.bed.env("VA_NETWORK_CIDR").replace(".0/24", ".");
    let network = hosts.bed.env("VA_NETWORK");
    hosts.create(json!({
        "server_name": "cards",
        "networks": [
            network,
            "second",
            {"network": "second", "addresses": ["10.218.1.200/24"],
             "routes": [{"to": "198.51.100.0/24", "via": "10.218.1.1"}]},
        ],
    }));
    hosts.says(
        "cards",
        &[
            &format!(" {first}"),
            " 10.218.1.200/24",
            "198.51.100.0/24 via 10.218.1.1",
        ],
    );
    // the second's by DHCP, which its host tells as well
    let shown = hosts.master.ok("server.show", &about(hosts.bed, "cards"));
    let address = shown["server"]["interfaces"][1]["addresses"][0]
        .as_str()
        .unwrap();
    assert!(address.starts_with("10.218.1."), "{shown}");
    hosts.says("cards", &[&format!(" {address}/24")]);
    hosts.ends("cards");
}

/// Waits at a bridge for a packet that is tagged with VLAN 42, whether or not this kernel knows of VLANs.
const TAGGED: &str = r"
import socket, struct, sys
SOL_PACKET, PACKET_AUXDATA, ALL = 263, 8, 3
heard = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ALL))
heard.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
heard.bind((sys.argv[1], 0))
heard.settimeout(60)
while True:
    packet, more, _, _ = heard.recvmsg(2048, 128)
    tags = [struct.unpack('=IIIHHHH', data)[5] for _, _, data in more]
    if packet[12:14] == bytes([0x81, 0]):
        tags.append(int.from_bytes(packet[14:16], 'big'))
    if any(tag & 0xfff == 42 for tag in tags):
        break
";

#[test]
#[ignore = "boots Debian, which takes minutes: make test-debian"]
fn a_network_config_of_ones_own_has_a_vlan_and_a_gateway_elsewhere() {
    let Some(hosts) = Hosts::new("trunk", "10.218.2") else {
        return;
    };
    let bridge = hosts.bed.virsh(&["net-info", "trunk"]);
    let bridge = bridge.lines().find_map(|line| line.strip_prefix("Bridge:"));
    let bridge = bridge.unwrap().trim();
    let mac = "52:54:00:42:42:42";
    hosts.create(json!({
        "server_name": "vlan",
        "networks": [{"network": "trunk", "mac": mac}],
        "network_config": {
            "version": 2,
            "ethernets": {"trunk": {"match": {"macaddress": mac}, "set-name": "trunk", "dhcp4": true,
                "addresses": ["192.0.2.7/32"],
                // a gateway that is in no net of the card's
                "routes": [{"to": "203.0.113.0/24", "via": "192.0.2.1", "on-link": true}]}},
            "vlans": {"web": {"id": 42, "link": "trunk", "addresses": ["10.218.42.2/24"]}},
        },
    }));
    hosts.says(
        "vlan",
        &[
            ": trunk 10.218.2.",
            ": trunk 192.0.2.7/32",
            ": web 10.218.42.2/24",
            "203.0.113.0/24 via 192.0.2.1",
        ],
    );
    let heard = Command::new("python3")
        .args(["-c", TAGGED, bridge])
        .status();
    assert!(heard.unwrap().success(), "nothing is tagged");
    hosts.ends("vlan");
}
