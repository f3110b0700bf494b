//! Peers that do not behave.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::support::process::Process;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const DATA: u8 = 0;
const END_STREAM: u8 = 1;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const GO_AWAY: u8 = 7;
const WINDOW_UPDATE: u8 = 8;
const END_HEADERS: u8 = 4;
const CANCEL: u32 = 8;
const ENHANCE_YOUR_CALM: u32 = 11;

/// A frame of HTTP/2.
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("a length").to_be_bytes();
    let mut frame = length[1..].to_vec();
    frame.extend_from_slice(&[kind, flags]);
    frame.extend_from_slice(&stream.to_be_bytes());
    frame.extend_from_slice(payload);
    frame
}

/// The head of a call whose message never comes.
fn call(stream: u32) -> Vec<u8> {
    call_of("/grpc.health.v1.Health/Check", stream)
}

fn call_of(path: &str, stream: u32) -> Vec<u8> {
    let mut block = vec![0x83, 0x86];
    for (name, value) in
        [(&[0x04][..], path), (&[0x01], "localhost"), (&[0x0f, 0x10], "application/grpc")]
    {
        block.extend_from_slice(name);
        block.push(u8::try_from(value.len()).expect("short"));
        block.extend_from_slice(value.as_bytes());
    }
    frame(HEADERS, END_HEADERS, stream, &block)
}

fn connect(server: &Process) -> TcpStream {
    let peer = TcpStream::connect(&server.address).expect("the server accepts");
    // So that a server which does not cut the peer fails the test instead of holding it.
    peer.set_read_timeout(Some(Duration::from_secs(10))).expect("a socket");
    peer
}

/// Whether the server closes the connection.
fn is_cut(mut peer: TcpStream) -> bool {
    match peer.read_to_end(&mut Vec::new()) {
        Ok(_) => true,
        Err(error) => error.kind() == ErrorKind::ConnectionReset,
    }
}

/// Opens a thousand calls and provokes a reset of each; why the server went away, if it did.
fn after_resets(server: &Process, provoke: impl Fn(u32) -> Vec<u8>) -> Option<u32> {
    let mut peer = connect(server);
    let mut frames = PREFACE.to_vec();
    frames.extend(frame(SETTINGS, 0, 0, &[]));
    for stream in (1..2_000).step_by(2) {
        frames.extend(call(stream));
        frames.extend(provoke(stream));
    }
    // Fails if the server has had enough before the end.
    let _ = peer.write_all(&frames);
    let mut received = Vec::new();
    // Fails where the server does not go away, and where it does so before all was read.
    let _ = peer.read_to_end(&mut received);
    reason(&received)
}

/// Reads frames until so many calls have their answer; false if the server goes away instead.
fn answered(peer: &mut TcpStream, mut calls: usize) -> bool {
    while calls > 0 {
        let mut head = [0; 9];
        peer.read_exact(&mut head).expect("a frame");
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let mut payload = vec![0; usize::try_from(length).expect("small")];
        peer.read_exact(&mut payload).expect("its payload");
        match head[3] {
            GO_AWAY => return false,
            HEADERS if head[4] & END_STREAM != 0 => calls -= 1,
            _ => {}
        }
    }
    true
}

/// The error of the GOAWAY among frames.
fn reason(mut frames: &[u8]) -> Option<u32> {
    while let Some((head, rest)) = frames.split_first_chunk::<9>() {
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let (payload, rest) = rest.split_at_checked(usize::try_from(length).ok()?)?;
        if head[3] == GO_AWAY {
            return Some(u32::from_be_bytes(payload.get(4..8)?.try_into().ok()?));
        }
        frames = rest;
    }
    None
}

#[test]
fn half_a_preface_is_cut() {
    let server = Process::start(&["--preface-timeout", "50ms"]);
    let mut peer = connect(&server);
    peer.write_all(&PREFACE[..12]).expect("half a preface");
    assert!(is_cut(peer));
}

#[test]
fn http_1_is_cut() {
    let server = Process::start(&[]);
    let mut peer = connect(&server);
    peer.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").expect("a request");
    assert!(is_cut(peer));
}

/// CVE-2023-44487: calls that are opened and reset, over and over.
#[test]
fn rapid_resets_are_cut() {
    let server = Process::start(&[]);
    let reset = |stream| frame(RST_STREAM, 0, stream, &CANCEL.to_be_bytes());
    assert_eq!(after_resets(&server, reset), Some(ENHANCE_YOUR_CALM));
}

/// CVE-2025-8671: calls that the server is made to reset, here by a window that overflows.
#[test]
fn provoked_resets_are_cut() {
    let server = Process::start(&[]);
    let overflow = |stream| frame(WINDOW_UPDATE, 0, stream, &i32::MAX.to_be_bytes());
    assert_eq!(after_resets(&server, overflow), Some(ENHANCE_YOUR_CALM));
}

/// A proxy shares its connection between callers: strangers, who are refused before their message has come, do
/// not cost the others the connection.
#[test]
fn refused_calls_do_not_cut_their_connection() {
    let server = Process::start(&[]);
    let mut peer = connect(&server);
    let mut opening = PREFACE.to_vec();
    opening.extend(frame(SETTINGS, 0, 0, &[]));
    peer.write_all(&opening).expect("an opening");
    for first in (1..2_000).step_by(200) {
        let streams: Vec<u32> = (first..first + 200).step_by(2).collect();
        let path = "/precinct.v1.PersonService/GetPerson";
        let heads: Vec<u8> = streams.iter().flat_map(|stream| call_of(path, *stream)).collect();
        peer.write_all(&heads).expect("calls");
        assert!(answered(&mut peer, streams.len()), "the server went away before stream {first}");
        let message = |stream: &u32| frame(DATA, END_STREAM, *stream, &[]);
        let messages: Vec<u8> = streams.iter().flat_map(message).collect();
        peer.write_all(&messages).expect("their messages");
    }
}
