provider "nifcloud" {
  region     = "jp-east-1"
  secret_key = "8f0zz3q7m2kd91xxcv5b8f0zz3q7m2kd"
}
