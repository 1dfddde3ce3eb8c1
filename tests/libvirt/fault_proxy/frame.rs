//! Frames of libvirt's protocol, as its `docs/internals/rpc` tells.

use std::io::{self, Read as _};
use std::net::TcpStream;

/// libvirt's own calls; keepalives are another program.
pub(super) const REMOTE: u32 = 0x2000_8086;
/// The types of a frame: an answer, and a stream's data.
pub(super) const REPLY: u32 = 1;
pub(super) const STREAM: u32 = 3;
/// The status of one that is not the last of its stream.
pub(super) const CONTINUE: u32 = 2;

/// The next frame, its length included.
pub(super) fn read_frame(mut from: &TcpStream) -> io::Result<Vec<u8>> {
    let mut frame = vec![0; 4];
    from.read_exact(&mut frame)?;
    let length = u32::from_be_bytes([frame[0], frame[1], frame[2], frame[3]]) as usize;
    frame.resize(length.max(28), 0);
    from.read_exact(&mut frame[4..])?;
    Ok(frame)
}

pub(super) fn word(frame: &[u8], at: usize) -> u32 {
    u32::from_be_bytes(frame[at..at + 4].try_into().unwrap())
}

pub(super) fn serial(frame: &[u8]) -> u32 {
    word(frame, 20)
}

/// The error that a daemon would answer to `frame`, whose own answer it may be as well.
pub(super) fn error_to(frame: &[u8]) -> Vec<u8> {
    let kind = match word(frame, 16) {
        STREAM => STREAM,
        _ => REPLY,
    };
    let message = b"internal error: a fault that a test makes   ";
    let (code, domain, level, none) = (1, 10, 2, 0);
    let said = u32::try_from(message.len()).unwrap();
    let header = [
        REMOTE,
        word(frame, 8),
        word(frame, 12),
        kind,
        serial(frame),
        1,
    ];
    let before = [code, domain, 1, said];
    // the domain that it is about, three texts, two numbers, the network
    let after = [level, none, none, none, none, u32::MAX, u32::MAX, none];
    let words =
        |words: &[u32]| -> Vec<u8> { words.iter().flat_map(|word| word.to_be_bytes()).collect() };
    let body = [
        words(&header),
        words(&before),
        message.to_vec(),
        words(&after),
    ]
    .concat();
    let length = u32::try_from(body.len() + 4).unwrap();
    [length.to_be_bytes().to_vec(), body].concat()
}
