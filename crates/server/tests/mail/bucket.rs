//! Mail whose octets are in a bucket: nothing of it stays on the disk, and what the bucket does not take is not acknowledged. The life
//! of mail is tested over a bucket as well (`ENVELOCK_TEST_BUCKET`).

use crate::testbed::buckets::S3Server;
use crate::testbed::smtp::{ANNA, MailServer, letter};

const EVE: &str = "eve@sender.example";
const KEPT: [u16; 4] = [250, 250, 354, 250];

async fn start(data: &std::path::Path, bucket: &S3Server) -> MailServer {
    let arguments = bucket.arguments();
    MailServer::start(data, &arguments.iter().map(String::as_str).collect::<Vec<_>>()).await
}

#[tokio::test]
async fn a_message_is_in_the_bucket_and_nowhere_else() {
    let (root, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let bucket = S3Server::start(root.path());
    let mail = start(data.path(), &bucket).await;
    // Of one part, and of several.
    let large = "seventy octets are a line of a message that is larger than one part\r\n".repeat(100_000);
    for (name, text) in [("small", "x"), ("large", large.as_str())] {
        assert_eq!(mail.greeted().await.bring(EVE, &[ANNA], &letter(name, text)).await, KEPT);
        let record = &mail.list().await[0];
        let read = mail.read(record).await;
        assert!(read.ends_with(&format!("\r\n{}\r\n", letter(name, text))), "{name}: {} octets", read.len());
        assert_eq!(bucket.objects("blobs").len(), 1);
        assert!(!data.path().join("blobs").exists());
        assert_eq!(std::fs::read_dir(data.path().join("incoming")).unwrap().count(), 0);
        assert_eq!(mail.remove(record).await, 204);
        assert!(bucket.objects("blobs").is_empty());
    }
}

#[tokio::test]
async fn what_the_bucket_does_not_take_comes_again() {
    let (root, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut bucket = S3Server::start(root.path());
    let mail = start(data.path(), &bucket).await;
    assert_eq!(mail.greeted().await.bring(EVE, &[ANNA], &letter("first", "x")).await, KEPT);
    let first = mail.list().await.remove(0);
    bucket.stop();
    assert_eq!(mail.greeted().await.bring(EVE, &[ANNA], &letter("second", "x")).await, [250, 250, 354, 451]);
    assert_eq!(mail.list().await.len(), 1, "and has no row");
    assert_eq!(std::fs::read_dir(data.path().join("incoming")).unwrap().count(), 0);
    let url = mail.server.url(&format!("/api/v1/mailbox/{}", first["id"].as_str().unwrap()));
    assert_eq!(mail.server.client.get(url).send().await.unwrap().status(), 503);
    bucket.start_again();
    for _ in 0..2 {
        assert_eq!(mail.greeted().await.bring(EVE, &[ANNA], &letter("second", "x")).await, KEPT);
    }
    assert_eq!((mail.list().await.len(), bucket.objects("blobs").len()), (2, 2));
    assert!(mail.read(&first).await.ends_with(&format!("\r\n{}\r\n", letter("first", "x"))));
}
