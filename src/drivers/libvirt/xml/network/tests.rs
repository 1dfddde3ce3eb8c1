use super::*;
use crate::drivers::libvirt::xml::from_xml;

#[test]
fn reads_a_nat_network() {
    let network: Network = from_xml(
        "default",
        "<network connections='1'><name>default</name><forward mode='nat'><nat><port start='1'/></nat></forward>\
         <bridge name='virbr0' stp='on'/><ip address='192.168.122.1' netmask='255.255.255.0'><dhcp/></ip>\
         <ip family='ipv6' address='fd00::1' prefix='64'/></network>",
    )
    .unwrap();
    assert_eq!(network.kind(), "nat");
    let subnets: Vec<_> = network.ip.iter().filter_map(Ip::subnet).collect();
    assert_eq!(subnets, ["192.168.122.0/24", "fd00::/64"]);
}

#[test]
fn a_network_without_forward_is_isolated() {
    let network: Network = from_xml("n", "<network><name>n</name></network>").unwrap();
    assert_eq!(network.kind(), "isolated");
}
