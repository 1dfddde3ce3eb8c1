//! A reader of the second volume, Joliet's, written from the specification and sharing nothing with the
//! program's own: its names are UCS-2, its tree is another.

/// Every content is in the second volume, as often as it was given.
pub(super) fn check(image: &[u8], files: &[(String, &[u8])]) {
    let descriptor = &image[17 * 2048..18 * 2048];
    assert_eq!(&descriptor[..7], b"\x02CD001\x01");
    let mut found = Vec::new();
    walk(image, &descriptor[156..190], &mut found, 0);
    let mut given: Vec<_> = files.iter().map(|(_, content)| content.to_vec()).collect();
    found.sort();
    given.sort();
    assert_eq!(found, given);
}

fn walk(image: &[u8], record: &[u8], found: &mut Vec<Vec<u8>>, depth: u8) {
    assert!(depth < 12);
    let little = |at: usize| u32::from_le_bytes(record[at..at + 4].try_into().unwrap()) as usize;
    let big = |at: usize| u32::from_be_bytes(record[at..at + 4].try_into().unwrap()) as usize;
    assert_eq!((little(2), little(10)), (big(6), big(14)));
    let content = &image[little(2) * 2048..little(2) * 2048 + little(10)];
    if record[25] & 2 == 0 {
        found.push(content.to_vec());
        return;
    }
    for sector in content.chunks(2048) {
        let mut at = 0;
        while at < sector.len() && sector[at] > 0 {
            let inner = &sector[at..at + usize::from(sector[at])];
            if inner[32] != 1 || inner[33] > 1 {
                walk(image, inner, found, depth + 1);
            }
            at += inner.len();
        }
    }
}
