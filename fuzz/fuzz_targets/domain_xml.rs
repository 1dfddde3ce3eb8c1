#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| va_driver::fuzzing::domain_xml(data));
