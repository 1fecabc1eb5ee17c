//! What a session was begun with, in two words, so that its owner knows it again: read once, at login, from `User-Agent`
//! (RFC 9110 §10.1.5), which is kept nowhere. Whoever logs in writes that header: it proves nothing.

use axum::http::{HeaderMap, header};
use envelock_wire::{Browser, Device, System};

/// What is looked at of the header, in octets: the longest of real browsers have half of it.
const READ: usize = 512;

/// Products as they name themselves. Nearly all name others too, to be taken for them: the first that is found counts.
const PRODUCTS: [(&str, Browser); 14] = [
    ("Edg/", Browser::Edge),
    ("EdgA/", Browser::Edge),
    ("EdgiOS/", Browser::Edge),
    ("OPR/", Browser::Opera),
    ("OPT/", Browser::Opera),
    ("OPX/", Browser::Opera),
    ("SamsungBrowser/", Browser::Other),
    ("YaBrowser/", Browser::Other),
    ("Vivaldi/", Browser::Other),
    ("FxiOS/", Browser::Firefox),
    ("Firefox/", Browser::Firefox),
    ("CriOS/", Browser::Chrome),
    ("Chrome/", Browser::Chrome),
    ("Safari/", Browser::Safari),
];

/// The same of systems: Android says Linux, and an iPhone says that it is like a Mac.
const SYSTEMS: [(&str, System); 8] = [
    ("CrOS", System::ChromeOs),
    ("Android", System::Android),
    ("iPhone", System::Ios),
    ("iPad", System::Ios),
    ("iPod", System::Ios),
    ("Windows", System::Windows),
    ("Macintosh", System::MacOs),
    ("Linux", System::Linux),
];

/// The device behind a request. What says nothing, or nothing legible, is another one.
pub fn device_of(headers: &HeaderMap) -> Device {
    let said = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let said = said.get(..READ).unwrap_or(said);
    Device {
        browser: first(&PRODUCTS, said).unwrap_or(Browser::Other),
        system: first(&SYSTEMS, said).unwrap_or(System::Other),
    }
}

fn first<T: Copy>(known: &[(&str, T)], said: &str) -> Option<T> {
    known.iter().find(|(name, _)| said.contains(name)).map(|(_, one)| *one)
}

/// As it is stored.
pub(super) fn browser_word(browser: Browser) -> &'static str {
    match browser {
        Browser::Firefox => "firefox",
        Browser::Chrome => "chrome",
        Browser::Edge => "edge",
        Browser::Safari => "safari",
        Browser::Opera => "opera",
        Browser::Other => "other",
    }
}

/// As it is stored.
pub(super) fn system_word(system: System) -> &'static str {
    match system {
        System::Windows => "windows",
        System::MacOs => "macos",
        System::Linux => "linux",
        System::Android => "android",
        System::Ios => "ios",
        System::ChromeOs => "chromeos",
        System::Other => "other",
    }
}

/// From how it is stored.
pub(super) fn stored_device(browser: &str, system: &str) -> Device {
    let browser = match browser {
        "firefox" => Browser::Firefox,
        "chrome" => Browser::Chrome,
        "edge" => Browser::Edge,
        "safari" => Browser::Safari,
        "opera" => Browser::Opera,
        _ => Browser::Other,
    };
    let system = match system {
        "windows" => System::Windows,
        "macos" => System::MacOs,
        "linux" => System::Linux,
        "android" => System::Android,
        "ios" => System::Ios,
        "chromeos" => System::ChromeOs,
        _ => System::Other,
    };
    Device { browser, system }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;
    use axum::http::HeaderValue;

    fn of(said: &str) -> (Browser, System) {
        let mut headers = HeaderMap::new();
        headers.insert(header::USER_AGENT, HeaderValue::from_bytes(said.as_bytes()).unwrap());
        let Device { browser, system } = device_of(&headers);
        (browser, system)
    }

    #[test]
    fn browsers_are_known_though_they_name_each_other() {
        const BLINK: &str = "AppleWebKit/537.36 (KHTML, like Gecko)";
        const APPLE: &str = "AppleWebKit/605.1.15 (KHTML, like Gecko)";
        const ANDROID: &str = "Mozilla/5.0 (Linux; Android 10; K)";
        const CHROMEBOOK: &str = "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0)";
        const IPHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X)";
        const LINUX: &str = "Mozilla/5.0 (X11; Linux x86_64";
        const MAC: &str = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)";
        const WINDOWS: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)";
        for (said, browser, system) in [
            (format!("{LINUX}; rv:128.0) Gecko/20100101 Firefox/128.0"), Browser::Firefox, System::Linux),
            ("Mozilla/5.0 (Android 15; Mobile) Firefox/143.0".to_owned(), Browser::Firefox, System::Android),
            (format!("{IPHONE} {APPLE} FxiOS/143.0 Mobile Safari/605.1.15"), Browser::Firefox, System::Ios),
            (format!("{WINDOWS} {BLINK} Chrome/140.0.0.0 Safari/537.36"), Browser::Chrome, System::Windows),
            (format!("{ANDROID} {BLINK} Chrome/140.0.0.0 Mobile Safari/537.36"), Browser::Chrome, System::Android),
            (format!("{IPHONE} {APPLE} CriOS/140.0.7339.95 Mobile Safari/604.1"), Browser::Chrome, System::Ios),
            (format!("{CHROMEBOOK} {BLINK} Chrome/140.0.0.0 Safari/537.36"), Browser::Chrome, System::ChromeOs),
            (format!("{LINUX}) {BLINK} HeadlessChrome/140.0.0.0 Safari/537.36"), Browser::Chrome, System::Linux),
            (format!("{WINDOWS} {BLINK} Chrome/140.0.0.0 Safari/537.36 Edg/140.0"), Browser::Edge, System::Windows),
            (format!("{MAC} {BLINK} Chrome/140.0.0.0 Safari/537.36 OPR/122.0.0.0"), Browser::Opera, System::MacOs),
            (format!("{ANDROID} {BLINK} SamsungBrowser/28.0 Chrome/130.0.0.0"), Browser::Other, System::Android),
            (format!("{IPHONE} {APPLE} Version/18.6 Mobile Safari/604.1"), Browser::Safari, System::Ios),
            (format!("{MAC} {APPLE} Version/18.6 Safari/605.1.15"), Browser::Safari, System::MacOs),
            ("curl/8.14.1".to_owned(), Browser::Other, System::Other),
        ] {
            assert_eq!(of(&said), (browser, system), "{said}");
        }
    }

    #[test]
    fn what_says_nothing_legible_is_another_one() {
        let nothing = (Browser::Other, System::Other);
        assert_eq!(of(""), nothing);
        assert_eq!(of("Firefox/\u{e4} Windows"), nothing);
        assert_eq!(of(&format!("{} Firefox/128.0 Windows", "x".repeat(READ))), nothing, "far behind");
        assert_eq!(of(&"Firefox/".repeat(100_000)), (Browser::Firefox, System::Other));
        let Device { browser, system } = device_of(&HeaderMap::new());
        assert_eq!((browser, system), nothing);
    }

    #[test]
    fn a_device_is_read_back_as_it_was_stored() {
        use Browser::{Chrome, Edge, Firefox, Opera, Safari};
        use System::{Android, ChromeOs, Ios, Linux, MacOs, Windows};
        for browser in [Firefox, Chrome, Edge, Safari, Opera, Browser::Other] {
            for system in [Windows, MacOs, Linux, Android, Ios, ChromeOs, System::Other] {
                assert_eq!(stored_device(browser_word(browser), system_word(system)), Device { browser, system });
            }
        }
        let unknown = Device { browser: Browser::Other, system: System::Other };
        assert_eq!(stored_device("of a later version", ""), unknown);
    }
}
