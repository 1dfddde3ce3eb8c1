use super::*;

fn view(disks: &str) -> DomainView {
    let text = format!("<domain><name>web</name><devices>{disks}</devices></domain>");
    from_xml("web", &text).unwrap()
}

fn named(views: &[DomainView]) -> Vec<String> {
    let own = Own {
        places: vec!["/pool/web.root.qcow2".into(), "lvm/web.data1.img".into()],
        lost: vec!["web.data2.qcow2".into()],
        volumes: Vec::new(),
    };
    let left = others(views, &own, "it stays");
    left.into_iter().map(|left| left.name).collect()
}

const OWN: &str = "<disk device='disk'><source file='/pool/web.root.qcow2'/>\
    <backingStore type='file'><source file='/pool/golden.qcow2'/><backingStore/></backingStore></disk>\
    <disk type='volume' device='disk'><source pool='lvm' volume='web.data1.img'/></disk>";

#[test]
fn a_servers_own_volumes_and_their_image_are_none() {
    assert_eq!(named(&[view(OWN)]), [""; 0]);
}

#[test]
fn disks_that_were_added_are_named_once_and_media_are_not() {
    let added = "<disk device='disk'><source file='/other/more.qcow2'/>\
        <backingStore><source file='/other/base.qcow2'/></backingStore></disk>\
        <disk device='disk'><source dev='/dev/vg/raw'/></disk>\
        <disk device='cdrom'><source file='/iso/install.iso'/></disk><disk device='cdrom'/>";
    let both = [view(&format!("{OWN}{added}")), view(added)];
    assert_eq!(named(&both), ["/other/more.qcow2", "/dev/vg/raw"]);
}

#[test]
fn what_lies_over_a_servers_own_volume_is_named() {
    let snapshots = "<disk device='disk'><source file='/pool/web.snap2'/><backingStore>\
        <source file='/pool/web.snap1'/><backingStore><source file='/pool/web.root.qcow2'/>\
        <backingStore><source file='/pool/golden.qcow2'/></backingStore></backingStore>\
        </backingStore></disk>";
    assert_eq!(
        named(&[view(snapshots)]),
        ["/pool/web.snap2", "/pool/web.snap1"]
    );
}

#[test]
fn a_disk_that_was_moved_is_named_where_it_is_now() {
    let moved = "<disk device='disk'><source file='/fast/web.root.qcow2'/></disk>";
    assert_eq!(named(&[view(moved)]), ["/fast/web.root.qcow2"]);
}

#[test]
fn a_servers_own_volume_in_a_pool_that_is_gone_is_not_taken_for_anothers() {
    let lost = "<disk device='disk'><source file='/gone/web.data2.qcow2'/></disk>\
        <disk device='disk'><source file='/gone/web.data3.qcow2'/></disk>";
    assert_eq!(named(&[view(lost)]), ["/gone/web.data3.qcow2"]);
}
