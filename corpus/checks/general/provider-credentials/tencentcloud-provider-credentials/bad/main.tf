provider "tencentcloud" {
  region     = "ap-guangzhou"
  secret_key = "8f0zz3q7m2kd91xxcv5b8f0zz3q7m2kd"
}
