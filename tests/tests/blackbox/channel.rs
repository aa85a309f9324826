//! The watch over the alert channel, before an SNS that says how many are subscribed.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::scene::Scene;

/// How many are subscribed to each topic, and what was published there.
#[derive(Default)]
struct Topics {
    subscribers: [(&'static str, u32); 2],
    published: Vec<String>,
}

/// Answers one request after the other.
fn serve(mut stream: TcpStream, topics: &Mutex<Topics>) {
    let mut requests = BufReader::new(stream.try_clone().unwrap());
    loop {
        let (mut length, mut line) = (0, String::new());
        while line != "\r\n" {
            line.clear();
            if requests.read_line(&mut line).unwrap_or_default() == 0 {
                return;
            }
            let header = line.to_ascii_lowercase();
            length = header.strip_prefix("content-length:").map_or(length, |value| value.trim().parse().unwrap());
        }
        let mut body = vec![0; length];
        requests.read_exact(&mut body).unwrap();
        let xml = answer(&String::from_utf8(body).unwrap(), &mut topics.lock().unwrap());
        write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{xml}", xml.len()).unwrap();
    }
}

fn answer(body: &str, topics: &mut Topics) -> String {
    // By its ARN: a text may name a topic, too.
    let known = topics.subscribers.iter().find(|(topic, _)| body.contains(&format!("%3A{topic}")));
    let (topic, count) = known.copied().unwrap_or(("ChatTopic", 0));
    if body.contains("Action=GetTopicAttributes") {
        return format!(
            "<GetTopicAttributesResponse><GetTopicAttributesResult><Attributes><entry><key>SubscriptionsConfirmed</key>\
             <value>{count}</value></entry></Attributes></GetTopicAttributesResult></GetTopicAttributesResponse>"
        );
    }
    topics.published.push(topic.to_owned());
    "<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>".to_owned()
}

/// An SNS, and what it knows.
fn sns() -> (String, Arc<Mutex<Topics>>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let topics =
        Arc::new(Mutex::new(Topics { subscribers: [("AlertsTopic", 1), ("UrgentTopic", 1)], published: Vec::new() }));
    let of_server = Arc::clone(&topics);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let topics = Arc::clone(&of_server);
            std::thread::spawn(move || serve(stream, &topics));
        }
    });
    (url, topics)
}

/// A day's hours of ticks, and what each published.
struct Hours {
    scene: Scene,
    url: String,
    topics: Arc<Mutex<Topics>>,
    now: Timestamp,
}

impl Hours {
    fn new(settings: &[(&str, &str)]) -> Self {
        let mut scene = Scene::empty();
        settings.iter().for_each(|(name, value)| scene.set(name, value));
        let (url, topics) = sns();
        // At night.
        Self { scene, url, topics, now: "2026-11-02T01:00:00Z".parse().unwrap() }
    }

    /// A tick with that many subscribers by mail and by SMS: the topics that it published to, by name. The next comes an hour later.
    fn tick(&mut self, subscribers: [u32; 2]) -> Vec<String> {
        let [email, sms] = subscribers;
        self.topics.lock().unwrap().subscribers = [("AlertsTopic", email), ("UrgentTopic", sms)];
        let notify = self.scene.notify(&[("AWS_ENDPOINT_URL_SNS", self.url.clone())]);
        self.scene.runtime.block_on(notify.handle(json!({}), self.now)).unwrap();
        self.now += SignedDuration::from_hours(1);
        let mut published = std::mem::take(&mut self.topics.lock().unwrap().published);
        published.sort();
        published
    }
}

const MAIL: [&str; 2] = ["AlertsTopic", "ChatTopic"];
const ALL: [&str; 3] = ["AlertsTopic", "ChatTopic", "UrgentTopic"];
const NOTHING: [&str; 0] = [];

#[test]
fn a_way_that_reaches_nobody_is_told_once_by_the_other() {
    let mut hours = Hours::new(&[("WATCH_EMAIL", "on"), ("WATCH_SMS", "on")]);
    assert_eq!(hours.tick([0, 0]), NOTHING, "people have an hour to confirm");
    assert_eq!(hours.tick([1, 1]), NOTHING);
    assert_eq!(hours.tick([0, 1]), ALL, "nobody gets mails: by SMS too");
    assert_eq!(hours.tick([0, 1]), NOTHING, "once");
    assert_eq!(hours.tick([1, 0]), MAIL, "nobody gets SMS: by mail");
    assert_eq!(hours.tick([0, 0]), ALL, "mails are lost again");
}

#[test]
fn a_way_that_nobody_is_meant_to_have_is_not_looked_at() {
    let mut hours = Hours::new(&[("WATCH_EMAIL", "on")]);
    for _ in 0..3 {
        assert_eq!(hours.tick([1, 0]), NOTHING);
    }
}

#[test]
fn a_test_goes_out_by_every_way_once_a_month_by_day() {
    let mut hours = Hours::new(&[("TEST_ALERT", "monthly"), ("TIME_ZONE", "Asia/Tokyo")]);
    hours.now = "2026-10-31T22:30:00Z".parse().unwrap();
    let told: Vec<_> = (0..4).map(|_| hours.tick([1, 1])).collect();
    // It is November in Tokyo, and nine o'clock after the second.
    assert_eq!(told, [NOTHING.to_vec(), NOTHING.to_vec(), ALL.to_vec(), NOTHING.to_vec()]);
    hours.now = "2026-11-30T22:30:00Z".parse().unwrap();
    assert_eq!((0..4).map(|_| hours.tick([1, 1]).len()).sum::<usize>(), 3);
}
