"""try"""
import time, datetime
import dataclasses
from tests.cloud_functions.live_export import scenes, reader, killed
def test_try(scene, deployed, tmp_path):
    """x"""
    with killed.serving(deployed[0], scene, tmp_path) as (url, worker):
        scene = dataclasses.replace(scene, url=url)
        t=time.time(); print(scene.export()["duration_ms"]); print("first", time.time()-t)
        t=time.time(); print(scene.export()["duration_ms"]); print("second", time.time()-t)
        for n in range(3):
            scene.night.provider.at(62+n)
            t=time.time(); killed.kill_at(scene, worker, write="manifest.json", moment="hold"); print("kill", time.time()-t)
            t=time.time(); print(scene.export()["duration_ms"]); print("complete", time.time()-t)
            t=time.time(); scene.assert_whole(); print("whole", time.time()-t)
        with reader.polling(scene.address) as seen:
          for n in range(3):
            scene.night.provider.at(62+n)
            t=time.time(); killed.kill_at(scene, worker, write="manifest.json", moment="hold"); print("kill", time.time()-t)
            t=time.time(); print(scene.export()["duration_ms"]); print("complete", time.time()-t)
            t=time.time(); scene.assert_whole(); print("whole", time.time()-t)
        print(seen.reads)
