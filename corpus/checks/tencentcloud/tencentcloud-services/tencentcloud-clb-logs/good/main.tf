resource "tencentcloud_clb_instance" "web" {
  network_type = "OPEN"
  clb_name     = "web"
  log_set_id   = tencentcloud_clb_log_set.logs.id
  log_topic_id = tencentcloud_clb_log_topic.logs.id
}

resource "tencentcloud_clb_log_set" "logs" {
  period = 7
}

resource "tencentcloud_clb_log_topic" "logs" {
  log_set_id = tencentcloud_clb_log_set.logs.id
  topic_name = "web"
}
