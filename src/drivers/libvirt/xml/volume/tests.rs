use super::*;
use crate::drivers::libvirt::xml::{from_xml, to_xml};

#[test]
fn writes_an_overlay() {
    let volume = NewVolume::new("a&b", "qcow2", 1024).backed_by("/p/<i>.qcow2", "qcow2");
    assert_eq!(
        to_xml(&volume).unwrap(),
        "<volume><name>a&amp;b</name><capacity unit=\"bytes\">1024</capacity>\
         <allocation unit=\"bytes\">0</allocation><target><format type=\"qcow2\"/>\
         <permissions><mode>0600</mode></permissions><compat>1.1</compat></target>\
         <backingStore><path>/p/&lt;i&gt;.qcow2</path><format type=\"qcow2\"/></backingStore></volume>"
    );
}

#[test]
fn reads_a_volume() {
    let volume: Volume = from_xml(
        "v",
        "<volume type='file'><name>v</name><key>/p/v</key><source/><capacity unit='bytes'>10</capacity>\
         <allocation unit='bytes'>4</allocation><physical unit='bytes'>4</physical>\
         <target><path>/p/v</path><format type='qcow2'/><permissions><mode>0600</mode></permissions></target>\
         <backingStore><path>/p/b</path><format type='raw'/></backingStore></volume>",
    )
    .unwrap();
    assert_eq!(
        (volume.format(), volume.backing_path()),
        ("qcow2", Some("/p/b"))
    );
    assert_eq!(
        (volume.capacity.value, volume.target.path.as_deref()),
        (10, Some("/p/v"))
    );
}
